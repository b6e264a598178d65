import { manualSeed } from '../src/base/random.js';
import { addDirect, directWorkspace } from '../src/kernels/plain/convDirect.js';
import { F2, F4 } from '../src/kernels/simd/conv/winogradScheme.js';
import { plain, reference } from '../src/kernels/tables.js';
import { useKernels } from '../src/kernels/use.js';
import { usesRelaxedSimd } from '../src/wasm/program.js';
import { type Convolution, columns, Layer, winograd } from './convolutions.js';
import { measure, printColumns, printHeader, zeros } from './support.js';

/*
 * One layer, 3x3, 64 -> 64 channels at 56x56, forward: the numbered versions of docs/conv2d.md, simple to fast.
 *
 * npm run bench -- convStory
 */
manualSeed(1);
const layer = new Layer([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 });
const table: string[][] = [['', 'GFLOP/s by cpu', 'ms', 'of (1)', 'threads', 'worst error']];

function direct(): () => void {
  const { y, x, w, g } = layer;
  const workspace = zeros(directWorkspace(g));
  return () => {
    y.fill(0);
    addDirect(y, x, w, g, workspace);
  };
}

/** Measures versions in turns and adds a line for each; the error is of the largest output, against the textbook loops. */
function tell(versions: readonly (readonly [name: string, run: () => void])[], threads: number): void {
  const results = measure(
    versions.map(([name, run]) => ({ name, flops: layer.flops, run })),
    // Two threads need both cores for a moment: many short turns, of which the best counts.
    threads === 1 ? { rounds: 7 } : { rounds: 60, turn: 10 },
  );
  for (const [i, { name, gflops, cpuGflops, minimum }] of results.entries()) {
    versions[i][1]();
    const error = layer.y.reduce((most, v, j) => Math.max(most, Math.abs(v - exact[j])), 0) / largest;
    // The processor time of two threads is that of both: there the clock on the wall has to do.
    const rate = threads === 1 ? cpuGflops : gflops;
    first ??= rate;
    const ms = threads === 1 ? layer.flops / cpuGflops / 1e6 : minimum;
    table.push([
      name,
      rate.toFixed(2),
      ms.toFixed(2),
      `${(rate / first).toFixed(1)} x`,
      `${threads}`,
      error.toExponential(1),
    ]);
  }
}

let first: number | undefined;
const forward = (by: Convolution): (() => void) => layer.pass('forward', by);
layer.b.fill(0);
forward(reference)();
const exact = layer.y.slice();
const largest = exact.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

await useKernels('simd', { threads: 1 });
printHeader(`The story of one layer: 3x3, 64 -> 64 at 56x56, fused multiply-add ${usesRelaxedSimd() ? 'yes' : 'no'}`);
tell(
  [
    ['(1) reference loops', forward(reference)],
    ['(2) plain direct', direct()],
    ['(3) plain im2col + 4x4 tile', forward(plain)],
    ['(4) SIMD im2col + register tile', forward(columns)],
    ['(5) SIMD Winograd F(2x2)', forward(winograd(F2))],
    ['(6) SIMD Winograd F(4x4)', forward(winograd(F4))],
  ],
  1,
);
await useKernels('simd', { threads: 2 });
tell([['(7) the same on 2 threads', forward(winograd(F4))]], 2);
printColumns(table);
process.exit(0);
