// The jobs of speed.js by stridenet, from the built package as users get it.
import { answerFirst, question, rest, takeTurns, threads } from './turns.js';

const library = () => import('../../dist/index.js');

async function normals(shape) {
  const { keep, Tensor } = await library();
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, normal);
  return keep(Tensor.from(values, shape));
}

async function convolution(job) {
  const { conv2d, withTape } = await library();
  const [channels, filters, size, batch] = job.split(' ').map(Number);
  const x = await normals([batch, channels, size, size]);
  const w = await normals([filters, channels, 3, 3]);
  const b = await normals([filters]);
  const cotangent = await normals([batch, filters, size, size]);
  return () => withTape((tape) => void tape.gradient(conv2d(x, w, b, { padding: 1 }), [x, w], { cotangent }));
}

async function training(job) {
  const { createModel, crossEntropy, SGD, withTape } = await library();
  const batch = Number(job);
  const model = createModel('resnet20', { shortcut: 'B' });
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const x = await normals([batch, 3, 32, 32]);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  return () =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      tape.backward(loss);
      optimizer.step();
      return loss.item();
    });
}

async function inference(job) {
  const { createModel, scope } = await library();
  const model = createModel(job);
  const x = await normals([question === 'throughput' ? 32 : 1, 3, 224, 224]);
  return () => scope(() => model.predict(x).data[0]);
}

/** What a user writes who wants one answer. */
async function start(job) {
  const { createModel, Tensor, useKernels } = await library();
  await useKernels('simd', { threads });
  const model = createModel(job);
  const values = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i));
  return () => model.predict(Tensor.from(values, [1, 3, 224, 224])).data[0];
}

if (question === 'start') await answerFirst(start);
else {
  const { useKernels } = await library();
  await useKernels('simd', { threads, wideVectors: rest.includes('wide') });
  await takeTurns({ conv: convolution, training, inference, throughput: inference }[question]);
}
