import { validateKernels } from '../src/debug/index.js';
import { useKernels } from '../src/index.js';
import { nameOfStep, randomStep } from '../testing/randomSteps.js';
import { printHeader } from './support.js';

/*
 * A thousand steps with random shapes, each forward and backward, every kernel checked against the reference:
 *   npm run bench -- validate            1000 steps
 *   STRIDENET_STEPS=20000 npm run bench -- validate
 */
const steps = Number(process.env.STRIDENET_STEPS ?? 1000);

await useKernels('simd');
validateKernels(true);
printHeader(`${steps} random steps of the simd kernels against the reference`);
const start = performance.now();
let differences = 0;
for (let i = 0; i < steps; i++) {
  try {
    randomStep(i);
  } catch (error) {
    differences++;
    console.log(`step ${i}, ${nameOfStep(i)}: ${String(error)}`);
  }
}
console.log(`${differences} differences in ${((performance.now() - start) / 1000).toFixed(1)} s`);
process.exitCode = differences > 0 ? 1 : 0;
