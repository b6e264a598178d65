import * as ort from 'onnxruntime-node';
import { randomStream } from '../src/base/random.js';
import { quantize } from '../src/edge/index.js';
import { compile } from '../src/graph/index.js';
import { createModel, manualSeed, Tensor, useKernels } from '../src/index.js';
import { exportOnnx } from '../src/onnx/index.js';
import { printHeader } from './support.js';

/*
 * How fast are 8-bit integers? Milliseconds for one image of 224x224 on one thread: our float32 plan, the quantized model with weights and
 * activations of 8 and of 7 bits, and native onnxruntime in float32, in turn.
 *
 * npm run bench -- quantized [MODEL...]
 */
const names =
  process.argv.length > 2 ? process.argv.slice(2) : ['mobilenet_v2', 'resnet50', 'resnet18', 'squeezenet1_1'];
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const shape = [1, 3, 224, 224];

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

await useKernels('simd', { threads: 1 });
printHeader('One image of 224x224 on one thread, in integers and in float32');
console.log(
  '| model | float32 ms | 8 bits ms | 8, activations 7 | 7 bits ms | 8 bits / float32 | 7 bits / float32 | onnxruntime float32 ms |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const name of names) {
  manualSeed(1);
  const model = createModel(name as 'resnet18').eval();
  const random = randomStream(name);
  const image = Float32Array.from({ length: 3 * 224 * 224 }, () => random.normal());
  const x = Tensor.from(image, shape);
  const bits = [
    { weightBits: 8, activationBits: 8 },
    { weightBits: 8, activationBits: 7 },
    { weightBits: 7, activationBits: 7 },
  ] as const;
  const made = [];
  for (const each of bits)
    made.push(await quantize(model, { inputShape: shape, calibration: [x], maxDrop: 1, ...each }));
  const compiled = compile(model, { inputShape: shape });
  const session = await ort.InferenceSession.create(exportOnnx(model, shape), { intraOpNumThreads: 1 });
  const input = new ort.Tensor('float32', image, shape);
  const contenders: (() => unknown)[] = [
    () => compiled.predict(x).dispose(),
    ...made.map((m) => () => m.predict(x).dispose()),
  ];
  const times: number[][] = [...contenders, null].map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of contenders.entries()) {
      for (let turn = 0; turn < 3; turn++) {
        const start = performance.now();
        run();
        times[i].push(performance.now() - start);
      }
    }
    const start = performance.now();
    await session.run({ input });
    times.at(-1)?.push(performance.now() - start);
  }
  // The least is what the machine can do while nothing else runs on it.
  const [float, wide, mixed, narrow, native] = times.map((all) => Math.min(...all));
  const cells = [float, wide, mixed, narrow].map((ms) => ms.toFixed(2));
  const medians = times.map(median);
  const ratio = (a: number, i: number): string =>
    `${(a / float).toFixed(2)} (median ${(medians[i] / medians[0]).toFixed(2)})`;
  console.log(`| ${name} | ${cells.join(' | ')} | ${ratio(wide, 1)} | ${ratio(narrow, 3)} | ${native.toFixed(2)} |`);
  for (const m of made) m.release();
  compiled.release();
}
