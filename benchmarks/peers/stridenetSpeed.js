// The jobs of speed.js by stridenet, from the built package as users get it.
import {
  conv2d,
  createModel,
  crossEntropy,
  keep,
  randomStream,
  SGD,
  scope,
  Tensor,
  useKernels,
  withTape,
} from '../../dist/index.js';
import { question, takeTurns, threads } from './turns.js';

await useKernels('simd', { threads });
const random = randomStream('peers');

function normals(shape) {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal());
  return keep(Tensor.from(values, shape));
}

function convolution(job) {
  const [channels, filters, size, batch] = job.split(' ').map(Number);
  const x = normals([batch, channels, size, size]);
  const w = normals([filters, channels, 3, 3]);
  const b = normals([filters]);
  const cotangent = normals([batch, filters, size, size]);
  return () => withTape((tape) => void tape.gradient(conv2d(x, w, b, { padding: 1 }), [x, w], { cotangent }));
}

function training(job) {
  const batch = Number(job);
  const model = createModel('resnet20', { shortcut: 'B' });
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const x = normals([batch, 3, 32, 32]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  return () =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      tape.backward(loss);
      optimizer.step();
      return loss.item();
    });
}

function inference(job) {
  const model = createModel(job);
  const x = normals([1, 3, 224, 224]);
  return () => scope(() => model.predict(x).data[0]);
}

await takeTurns({ conv: convolution, training, inference }[question]);
