import type { Floats } from '../../../memory/memory.js';
import type { Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { LinearGeometry } from '../../contracts/matrix.js';
import { type EpilogueValues, emitEpilogueOfOne, epilogue } from '../conv/epilogue.js';

const linear = new Program('linear', defineDots);

const dotsParameters = {
  c: 'i32',
  a: 'i32',
  b: 'i32',
  rows: 'i32',
  columns: 'i32',
  k: 'i32',
  strideA: 'i32',
  strideB: 'i32',
  strideC: 'i32',
  ...epilogue,
} as const;
const dots = linear.entry('dots', dotsParameters);

/** Rows of x times rows of w: both lie along the sum, so nothing is packed, and a single row reads each weight once. */
export function linearFused(y: Floats, x: Floats, w: Floats, finish: EpilogueValues, g: LinearGeometry): void {
  const { batch, inFeatures, outFeatures } = g;
  const row = 4 * inFeatures;
  const sizes = { rows: batch, columns: outFeatures, k: inFeatures };
  const strides = { strideA: row, strideB: row, strideC: 4 * outFeatures };
  const perUnit = 4 * inFeatures * Math.max(1, batch);
  dots.runGroups(
    [{ c: y.byteOffset, a: x.byteOffset, b: w.byteOffset }, sizes, strides, finish],
    Math.ceil(outFeatures / 4),
    Math.max(1, Math.ceil(32768 / perUnit)),
  );
}

/**
 * c[m, n] = epilogue(a[m] . b[n]) for rows that both lie along k: no packing, vectors run along k. A unit is two columns.
 * The lanes of a sum are folded at its end; what is left of k modulo four is added one by one.
 */
function defineDots(module: ModuleBuilder): void {
  module.func('dots', { ...dotsParameters, ...span }, (f, p) => {
    const whole = f.let(p.k.and(-4).shl(2));
    const all = f.let(p.k.shl(2));
    const tile = (rows: number, columns: number, i: I32, first: I32): void => {
      const last = f.let(p.columns.sub(1));
      const n = Array.from({ length: columns }, (_, c) => f.let(first.add(c).min(last)));
      const pb = n.map((j) => f.let(p.b.add(j.mul(p.strideB))));
      const pa = Array.from({ length: rows }, (_, r) => f.let(p.a.add(i.add(r).mul(p.strideA))));
      const zeros = (): Variable<'f32x4'>[][] => pa.map(() => pb.map(() => f.variable('f32x4')));
      const sums = zeros();
      for (const sum of sums.flat()) sum.set(F32x4.of(0));
      const add = (at: I32, to: typeof sums, offset: number): void => {
        const bs = pb.map((b) => f.let(F32x4.load(b.add(at), offset)));
        for (const [r, a] of pa.entries()) {
          const ar = f.let(F32x4.load(a.add(at), offset));
          for (const [c, b] of bs.entries()) to[r][c].set(f.fma(ar, b, to[r][c]));
        }
      };
      // One row alone would wait for its sums more than for memory: several of each, and several rows of b at once.
      const step = rows === 1 ? 32 : 16;
      const lines = f.let(rows === 1 ? whole.and(-step) : I32.of(0));
      if (rows === 1) {
        const more = zeros();
        for (const sum of more.flat()) sum.set(F32x4.of(0));
        f.loop(0, lines, step, (at) => {
          add(at, sums, 0);
          add(at, more, 16);
        });
        for (const [c, sum] of sums[0].entries()) sum.set(sum.add(more[0][c]));
      }
      f.loop(lines, whole, 16, (at) => add(at, sums, 0));
      const finish = n.map((j) => emitEpilogueOfOne(f, p, j));
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const v = sums[r][c];
          const sum = f.let(
            v
              .lane(0)
              .add(v.lane(1))
              .add(v.lane(2).add(v.lane(3))),
          );
          f.loop(whole, all, 4, (at) => sum.set(sum.add(F32.load(pa[r].add(at)).mul(F32.load(pb[c].add(at))))));
          const to = f.let(p.c.add(i.add(r).mul(p.strideC)).add(n[c].shl(2)));
          // The last unit computes its last column again where there are none left.
          f.storeLane(to, finish[c](F32x4.of(sum), to), 0);
        }
      }
    };
    f.loop(p.begin, p.end, 1, (unit) => {
      const fours = f.let(p.rows.and(-4));
      const first = f.let(unit.shl(2));
      f.loop(0, fours, 4, (i) => {
        tile(4, 2, i, first);
        f.if(first.add(2).lt(p.columns), () => tile(4, 2, i, f.let(first.add(2))));
      });
      f.loop(fours, p.rows, 1, (i) => tile(1, 4, i, first));
    });
  });
}
