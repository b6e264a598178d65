import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printHeader } from './support.js';

/* How long from `import` to the result of the first convolution, in a fresh process, on the built package? The bar is 60 ms. */

const entry = new URL('../dist/index.js', import.meta.url);
if (!existsSync(entry)) {
  console.error('startup: there is no dist/index.js; run `npm run build` first.');
  process.exit(1);
}

const PROCESSES = 20;
const source = `
  const start = performance.now();
  const s = await import(${JSON.stringify(entry.href)});
  const imported = performance.now();
  const x = s.Tensor.ones([1, 16, 32, 32]);
  const y = s.conv2d(x, s.Tensor.ones([16, 16, 3, 3]), null, { padding: 1 });
  if (Math.abs(y.data[0] - 64) > 1e-3) throw new Error('wrong answer');
  const first = performance.now();
  s.relu(y);
  s.withTape((tape) => tape.gradient(s.mean(s.maxPool2d(s.batchNorm2d(s.conv2d(x, s.Tensor.ones([16, 16, 3, 3]), null), { training: true }), { kernelSize: 2 })), [x]));
  console.log(JSON.stringify({ imported: imported - start, first: first - start, all: performance.now() - start }));
`;

interface Times {
  imported: number;
  first: number;
  all: number;
}

const runs: Times[] = Array.from({ length: PROCESSES }, () => {
  const options = { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', source], options);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Times;
});

function report(what: string, key: keyof Times): void {
  const sorted = runs.map((run) => run[key]).sort((a, b) => a - b);
  console.log(`${what.padEnd(58)} median ${sorted[PROCESSES >> 1].toFixed(1)} ms, least ${sorted[0].toFixed(1)} ms`);
}

printHeader(`From import to the first convolution, ${PROCESSES} fresh processes`);
report('modules loaded', 'imported');
report('first 3x3 convolution done, its kernels compiled', 'first');
report('relu, and a small network forward and backward done too', 'all');
