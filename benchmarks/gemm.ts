import { manualSeed } from '../src/base/random.js';
import type { Kernels } from '../src/kernels/tables.js';
import { plain, simd } from '../src/kernels/tables.js';
import { useKernels } from '../src/kernels/use.js';
import { registerTile } from './registerTile.js';
import { simdTile } from './simdTile.js';
import { type Contender, consume, measure, normals, printHeader, printTable, zeros } from './support.js';

/** How much of the bare register tile is left in a matrix product, packing and edges included? */
const SIZES: readonly (readonly [m: number, n: number, k: number])[] = [
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [64, 64, 576],
  [128, 10, 1024],
  [127, 129, 131],
  [1, 1000, 1024],
];

function product(table: Kernels, m: number, n: number, k: number): Contender {
  const a = normals(m * k);
  const b = normals(k * n);
  const c = zeros(m * n);
  const zero = Int32Array.of(0);
  const g = {
    batches: 1,
    m,
    n,
    k,
    transposeA: false,
    transposeB: false,
    accumulate: false,
    offsetsA: zero,
    offsetsB: zero,
    offsetsC: zero,
  };
  const workspace = zeros(table.matmulWorkspace(g));
  const run = (): void => {
    table.matmul(c, a, b, g, workspace);
    consume(c);
  };
  return { name: `[${m}, ${k}] x [${k}, ${n}]`, flops: 2 * m * n * k, run };
}

/** The bar: the SIMD product of 512^3 at 85 % of the bare tile. */
await useKernels('simd', { threads: 1 });
manualSeed(1);
printHeader('Matrix product, SIMD kernels, one thread');
printTable(measure([simdTile(), ...SIZES.map(([m, n, k]) => product(simd, m, n, k))]));
printHeader('Matrix product, plain kernels, one thread');
printTable(measure([registerTile(), ...SIZES.map(([m, n, k]) => product(plain, m, n, k))], { rounds: 5 }));
