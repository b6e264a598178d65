// Every network of the zoo at half of its multiply-adds: whether it is reached, what is left, and the time of both, compiled, for one image on one thread.
//
//   node --import tsx benchmarks/edge/pruneZoo.ts [width=0.5] [names...]

import { loadavg } from 'node:os';
import { prune } from '../../src/edge/index.js';
import { compile } from '../../src/graph/index.js';
import { createModel, type Module, manualSeed, Tensor, useKernels } from '../../src/index.js';
import { models } from '../../src/models/index.js';

const [width = '0.5', ...names] = process.argv.slice(2);
await useKernels('simd', { threads: 1 });
console.log(`load ${loadavg().map((n) => n.toFixed(1))}, width ${width}, ${process.version}`);
for (const name of names.length > 0 ? names : Object.keys(models)) {
  manualSeed(1);
  const { inputShape: image } = models[name as keyof typeof models];
  const inputShape = [1, ...image];
  const model = createModel(name as 'resnet18', { widthMultiplier: Number(width) }).eval();
  const target = /alexnet_2012|capsnet/.test(name) ? { keep: 0.7 } : { speedup: 2 };
  const started = performance.now();
  const result = prune(model, { inputShape, multiple: 4, ...target });
  const seconds = (performance.now() - started) / 1000;
  const small: Module = result.model;
  const plans = [model, small].map((each) => compile(each, { inputShape }));
  const x = Tensor.zeros(inputShape);
  const best = [Infinity, Infinity];
  for (let round = 0; round < 15; round++) {
    for (const [i, plan] of plans.entries()) {
      const start = performance.now();
      plan.predict(x).dispose();
      best[i] = Math.min(best[i], performance.now() - start);
    }
  }
  const [before, after] = result.macs.map((n) => (n / 1e6).toFixed(1));
  console.log(
    `${name.padEnd(20)} ${before} -> ${after} M (${result.speedup.toFixed(2)}x), time ${best[0].toFixed(2)} -> ${best[1].toFixed(2)} ms (${(best[0] / best[1]).toFixed(2)}x), pruned in ${seconds.toFixed(1)} s`,
  );
  for (const plan of plans) plan.release();
  for (const each of [model, small]) for (const [, t] of each.namedTensors()) t.dispose();
}
