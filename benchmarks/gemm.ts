import { plain } from '../src/tensor/kernels/plain/index.js';
import { manualSeed } from '../src/tensor/random.js';
import { registerTile } from './registerTile.js';
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

function product(m: number, n: number, k: number): Contender {
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
  const workspace = zeros(plain.matmulWorkspace(g));
  const run = (): void => {
    plain.matmul(c, a, b, g, workspace);
    consume(c);
  };
  return { name: `[${m}, ${k}] x [${k}, ${n}]`, flops: 2 * m * n * k, run };
}

manualSeed(1);
printHeader('Matrix product, plain kernels, one core');
printTable(measure([registerTile(), ...SIZES.map(([m, n, k]) => product(m, n, k))]));
