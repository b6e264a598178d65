import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/*
 * `npm run bench` runs every benchmark, `npm run bench -- conv2d` those named. Each runs in a process of its own: kernels
 * that one benchmark has warmed up with other sizes or types would not be the ones that the next means to measure.
 */
const BENCHMARKS = [
  'gemm',
  'conv2d',
  'convStory',
  'resnet20',
  'forkJoin',
  'startup',
  'noticing',
  'validate',
  'augmentation',
  'allReduce',
  'groupSpeed',
  'groupEstimate',
  'quantized',
  'quantizedAccuracy',
  'quantizedZoo',
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`bench: there is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.join(', ')}.`);
  process.exit(1);
}
for (const name of wanted.length > 0 ? wanted : BENCHMARKS) {
  const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [...process.execArgv, file], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
