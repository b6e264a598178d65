import { randomStream } from '../src/base/random.js';
import { type QuantizedModel, quantize, simulationError } from '../src/edge/index.js';
import { IntegerPlan } from '../src/edge/quantize/plan/integerPlan.js';
import { createModel, Tensor, useKernels } from '../src/index.js';
import { listModels, models } from '../src/models/index.js';

/*
 * Does every network of the zoo run in integers? Quantizes each with fresh weights, and prints which operations stay in float32, how far the
 * logits are from the float network, how far bytes and logits are from the simulation in float32, the size, and whether the simd kernels on one and
 * two threads give the integers of the plain kernels (of the reference with REFERENCE=1).
 *
 * npm run bench -- quantizedZoo [MODEL...]; WIDTH=0.25 narrows the networks
 */
const names = process.argv.length > 2 ? process.argv.slice(2) : listModels();
const slow = process.env.REFERENCE === '1' ? 'reference' : 'plain';
const widthMultiplier = Number(process.env.WIDTH ?? 1);
/** A digest of the bytes of each operation whose inputs no operation in float32 has touched: floats may differ in their last bits between tables. */
function bytesOf({ network }: QuantizedModel, image: Float32Array): number[] {
  const plan = new IntegerPlan(network);
  const isFloat = new Set<number>();
  const digests: number[] = [];
  plan.run(new Float32Array(plan.outputSize), image, ({ op, x, y }) => {
    if (/^float/.test(op) || x.some((value) => isFloat.has(value))) {
      isFloat.add(y);
      return;
    }
    digests.push(plan.read(y).reduce((sum, v) => (Math.imul(sum, 31) + Math.round(v * 1e6)) | 0, 0));
  });
  plan.release();
  return digests;
}

console.log(
  `| model | relative error | steps from simulation | bytes that differ | logits from simulation | size | ${slow} = simd | left in float32 |`,
);
console.log('|---|---|---|---|---|---|---|---|');
for (const name of names) {
  try {
    const model = createModel(name as 'resnet18', { widthMultiplier }).eval();
    const shape = [1, ...models[name as 'resnet18'].inputShape];
    const random = randomStream(name);
    const image = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal());
    const x = Tensor.from(image, shape);
    await useKernels('simd', { threads: 1 });
    const options = { inputShape: shape, calibration: [x], maxDrop: 1, weightBits: 7, activationBits: 7 } as const;
    const quantized = await quantize(model, options);
    const wanted = model.predict(x).data;
    const found = Float32Array.from(quantized.predict(x).data);
    let [error, signal] = [0, 0];
    for (let i = 0; i < found.length; i++) {
      error += (found[i] - wanted[i]) ** 2;
      signal += wanted[i] ** 2;
    }
    const simulated = simulationError(quantized, x);
    const sums = [];
    for (const [table, threads] of [
      ['simd', 1],
      [slow, 1],
      ['simd', 2],
    ] as const) {
      await useKernels(table as 'simd', { threads });
      sums.push(bytesOf(quantized, image));
    }
    const [first, ...others] = sums;
    const same = others.map((other) => other.every((sum, k) => sum === first[k]));
    const floats = [...model.namedTensors()].reduce((sum, [, { size }]) => sum + 4 * size, 0);
    const ratio = (floats / quantized.save().length).toFixed(2);
    console.log(
      `| ${name} | ${(100 * Math.sqrt(error / signal)).toFixed(1)} % | ${simulated.steps} | ${(100 * simulated.share).toFixed(3)} % | ${(100 * simulated.output).toFixed(2)} % | ${ratio}x | ${same.every(Boolean) ? 'yes' : 'NO'} | ${[...new Set(quantized.floatOperations)].slice(0, 3).join(', ')} |`,
    );
    quantized.release();
    for (const [, tensor] of model.namedTensors()) tensor.dispose();
  } catch (error) {
    console.log(`| ${name} | failed: ${(error as Error).message} | | | | | | |`);
  }
}
