import { tileRows } from '../src/kernels/simd/gemm/tile.js';
import { Program, usesRelaxedSimd } from '../src/wasm/program.js';
import { span } from '../src/wasm/span.js';
import { F32x4 } from '../src/wasm/vectors.js';
import { type Contender, consume, normals, zeros } from './support.js';

const K = 256;
const PANELS = 4;
const REPEATS = 64;

const parameters = { c: 'i32', a: 'i32', b: 'i32' } as const;

/**
 * The yardstick of the SIMD kernels: a register tile of R x 8 sums, 6 x 8 with fused multiply-add and 4 x 8 without, on panels that lie
 * packed in the first-level cache, nothing else. It is written out here, so that a change of the library's own tile cannot move it.
 */
const program = new Program('bareTile', (module) => {
  const R = tileRows(module.options.fma);
  module.func('tile', { ...parameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, () => {
      f.loop(0, PANELS * PANELS, 1, (pair) => {
        const a = f.let(p.a.add(pair.and(PANELS - 1).mul(4 * R * K)));
        const b = f.let(p.b.add(pair.shr(2).mul(32 * K)));
        const end = f.let(b.add(32 * K));
        const sums = Array.from({ length: 2 * R }, () => f.variable('f32x4'));
        for (const sum of sums) sum.set(F32x4.of(0));
        f.while(
          () => b.below(end),
          () => {
            for (let u = 0; u < 4; u++) {
              const row = [0, 16].map((at) => f.let(F32x4.load(b, 32 * u + at)));
              for (let r = 0; r < R; r++) {
                const value = f.let(F32x4.splat(a, 4 * (R * u + r)));
                for (const h of [0, 1]) sums[2 * r + h].set(f.fma(value, row[h], sums[2 * r + h]));
              }
            }
            a.set(a.add(16 * R));
            b.set(b.add(128));
          },
        );
        for (const [i, sum] of sums.entries()) f.store(p.c, sum, 16 * i);
      });
    });
  });
});

const tile = program.entry('tile', parameters);

export function simdTile(): Contender {
  const R = tileRows(usesRelaxedSimd());
  const a = normals(R * K * PANELS);
  const b = normals(8 * K * PANELS);
  const c = zeros(8 * R);
  const run = (): void => {
    tile.run({ c: c.byteOffset, a: a.byteOffset, b: b.byteOffset }, REPEATS, REPEATS);
    consume(c);
  };
  return { name: `register tile ${R}x8`, flops: 2 * 8 * R * K * PANELS * PANELS * REPEATS, run };
}
