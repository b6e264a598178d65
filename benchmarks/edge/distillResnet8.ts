// What a small network gains by learning from a larger one: ResNet-8 (78,042 parameters) on CIFAR-10, alone and from ResNet-20, with the same epochs.
// Needs ../shared (or CIFAR10_DIR and WEIGHTS).
//
//   node --import tsx benchmarks/edge/distillResnet8.ts [epochs=5] [seeds=1] [temperature=4] [alpha=0.9]

import { distill } from '../../src/edge/index.js';
import { createModel, DataLoader, evaluate, fit, manualSeed, useKernels } from '../../src/index.js';
import { cifar10, loadWeights } from '../../src/node/index.js';
import { planRecipe, recipes } from '../../src/recipes/index.js';
import { add, mul, Tensor } from '../../src/tensor/index.js';

const [epochs = 5, seeds = 1, temperature = 4, alpha = 0.9] = process.argv.slice(2).map(Number);
const { CIFAR10_DIR: dir = '../shared/data/cifar10' } = process.env;
const { WEIGHTS = '../shared/weights/resnet20-cifar10/resnet20-12fca82f.th' } = process.env;

await useKernels('simd', { threads: 1 });
const images = await cifar10({ split: 'train', dir });
const testImages = await cifar10({ split: 'test', dir });
const teacher = createModel('resnet20');
teacher.loadStateDict(await loadWeights(WEIGHTS));

for (let seed = 1; seed <= seeds; seed++) {
  for (const way of ['alone', 'distilled'] as const) {
    manualSeed(seed);
    const student = createModel('resnet8');
    const { options, normalize } = planRecipe(recipes.resnet8, student, images, { epochs });
    const test = new DataLoader(testImages, { batchSize: 250, normalize });
    // The teacher was trained on images that were normalized by other numbers.
    const [mean, std] = [Tensor.from([0.485, 0.456, 0.406], [3, 1, 1]), [0.229, 0.224, 0.225]];
    const scale = Tensor.from(
      std.map((s, c) => normalize.std[c] / s),
      [3, 1, 1],
    );
    const shift = Tensor.from(
      std.map((s, c) => (normalize.mean[c] - mean.data[c]) / s),
      [3, 1, 1],
    );
    const teacherInput = (x: Tensor): Tensor => add(mul(x, scale), shift);
    const started = performance.now();
    if (way === 'alone') await fit(student, options);
    else await distill(teacher, student, { ...options, temperature, alpha, teacherInput });
    const { accuracy } = await evaluate(student, test);
    const minutes = (performance.now() - started) / 60_000;
    console.log(
      `seed ${seed}, ${way}: ${(100 * accuracy).toFixed(2)} % after ${epochs} epochs, ${minutes.toFixed(1)} min`,
    );
  }
}
