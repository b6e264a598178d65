import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { type F32, F64, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitOffsets } from '../move/axes.js';
import { emitMap } from './map.js';
import { DoubleSums, emitVectors, onlyRow, storeSome } from './rows.js';

/** Floats of a row that one unit covers where every row is written. */
export const PIECE = 4096;
/** Columns that one unit sums. */
export const COLUMNS = 16;

export type Unroll = 1 | 2 | 4;

/** Where rows lie: an output row is split in `pieces`, a table of `axes` axes says where the operands' rows begin. */
const rowParameters = { inner: 'i32', pieces: 'i32', table: 'i32', axes: 'i32' } as const;
export const forwardParameters = {
  y: 'i32',
  a: 'i32',
  b: 'i32',
  ...rowParameters,
  stepA: 'i32',
  stepB: 'i32',
} as const;

interface Piece {
  row: I32;
  /** The first column of the piece, and how many there are. */
  first: I32;
  count: I32;
}

function pieceOf(f: FunctionBuilder, unit: I32, p: { inner: I32; pieces: I32 }): Piece {
  const row = f.let(unit.div(p.pieces));
  const first = f.let(unit.sub(row.mul(p.pieces)).mul(PIECE));
  return { row, first, count: f.let(p.inner.sub(first).min(PIECE)) };
}

/**
 * y = op(a, b): along the last axis each operand runs (step 1) or stands still (step 0), never both the latter. A unit is a
 * piece of a row.
 */
export function defineForward(
  module: ModuleBuilder,
  name: string,
  op: (f: FunctionBuilder, a: F32x4, b: F32x4) => F32x4,
  unroll: Unroll = 4,
): void {
  module.func(name, { ...forwardParameters, ...span }, (f, p) => {
    const offsets = [f.i32(), f.i32()];
    f.loop(p.begin, p.end, 1, (unit) => {
      const { row, first, count } = pieceOf(f, unit, p);
      emitOffsets(f, row, p.table, p.axes, offsets);
      const y = f.let(p.y.add(row.mul(p.inner).add(first).shl(2)));
      const a = f.let(p.a.add(offsets[0]).add(first.mul(p.stepA).shl(2)));
      const b = f.let(p.b.add(offsets[1]).add(first.mul(p.stepB).shl(2)));
      f.if(
        p.stepA.and(p.stepB),
        () =>
          emitMap(f, { reads: ['a', 'b'], writes: ['y'], unroll }, { a, b, y }, count, (x) => ({ y: op(f, x.a, x.b) })),
        () =>
          f.if(
            p.stepA,
            () => {
              const still = f.let(F32x4.splat(b));
              emitMap(f, { reads: ['a'], writes: ['y'], unroll }, { a, y }, count, (x) => ({ y: op(f, x.a, still) }));
            },
            () => {
              const still = f.let(F32x4.splat(a));
              emitMap(f, { reads: ['b'], writes: ['y'], unroll }, { b, y }, count, (x) => ({ y: op(f, still, x.b) }));
            },
          ),
      );
    });
  });
}

/** What one element of dy adds to the gradient of the operand `own`; each operand is loaded when it is asked for. */
export type Term = (f: FunctionBuilder, dy: F32x4, own: () => F32x4, other: () => F32x4) => F32x4;

const operandParameters = { dx: 'i32', dy: 'i32', own: 'i32', other: 'i32', step: 'i32' } as const;
export const wholeParameters = { ...operandParameters, ...rowParameters, scale: 'f32' } as const;

/** The three ways a gradient is summed: over nothing, over stretched rows, over rows and along them. */
export function defineBackward(module: ModuleBuilder, name: string, term: Term, unroll: Unroll = 4): void {
  defineWhole(module, name, term, unroll);
  defineColumns(module, name, term);
  defineRows(module, name, term, unroll === 1 ? 1 : 2);
}

/** dx of dy's shape: dx += term. `step` is the other operand's along the last axis. A unit is a piece of a row. */
function defineWhole(module: ModuleBuilder, name: string, term: Term, unroll: Unroll): void {
  module.func(`${name}Whole`, { ...wholeParameters, ...span }, (f, p) => {
    const scale = f.let(F32x4.of(p.scale as F32));
    const otherOffset = f.i32();
    f.loop(p.begin, p.end, 1, (unit) => {
      const { row, first, count } = pieceOf(f, unit, p);
      emitOffsets(f, row, p.table, p.axes, [otherOffset]);
      const at = f.let(row.mul(p.inner).add(first).shl(2));
      const [dx, dy, own] = [p.dx, p.dy, p.own].map((pointer) => f.let(pointer.add(at)));
      const other = f.let(p.other.add(otherOffset).add(first.mul(p.step).shl(2)));
      f.if(
        p.step,
        () =>
          emitMap(
            f,
            { reads: ['dx', 'dy', 'own', 'other'], writes: ['dx'], unroll },
            { dx, dy, own, other },
            count,
            (x) => ({
              dx: f.fma(
                scale,
                term(
                  f,
                  x.dy,
                  () => x.own,
                  () => x.other,
                ),
                x.dx,
              ),
            }),
          ),
        () => {
          const still = f.let(F32x4.splat(other));
          emitMap(f, { reads: ['dx', 'dy', 'own'], writes: ['dx'], unroll }, { dx, dy, own }, count, (x) => ({
            dx: f.fma(
              scale,
              term(
                f,
                x.dy,
                () => x.own,
                () => still,
              ),
              x.dx,
            ),
          }));
        },
      );
    });
  });
}

export const sumParameters = {
  ...operandParameters,
  inner: 'i32',
  /** Columns of a row in units of COLUMNS. */
  blocks: 'i32',
  /** Axes that dx has, and those along which it was stretched, with how many places these are. */
  kept: 'i32',
  keptAxes: 'i32',
  stretched: 'i32',
  stretchedAxes: 'i32',
  count: 'i32',
  scale: 'f32',
} as const;
type SumVariables = { [K in Exclude<keyof typeof sumParameters, 'scale'>]: Variable<'i32'> } & { scale: F32 };

/** Calls `body` with dy's and the other operand's rows for every place where row `row` of dx was used. */
function forEachUse(f: FunctionBuilder, p: SumVariables, row: I32, body: (dy: I32, other: I32) => void): void {
  const offsets = [f.i32(), f.i32()];
  emitOffsets(f, row, p.kept, p.keptAxes, offsets);
  const first = [f.let(p.dy.add(offsets[0])), f.let(p.other.add(offsets[1]))];
  f.loop(0, p.count, 1, (use) => {
    emitOffsets(f, use, p.stretched, p.stretchedAxes, offsets);
    body(f.let(first[0].add(offsets[0])), f.let(first[1].add(offsets[1])));
  });
}

/** dx has the last axis, but was stretched along others: sixteen columns a unit, their sums side by side. */
function defineColumns(module: ModuleBuilder, name: string, term: Term): void {
  module.func(`${name}Columns`, { ...sumParameters, ...span }, (f, p) => {
    const sums = [0, 1, 2, 3].map(() => new DoubleSums(f));
    f.loop(p.begin, p.end, 1, (unit) => {
      const row = f.let(unit.div(p.blocks));
      const first = f.let(unit.sub(row.mul(p.blocks)).mul(COLUMNS));
      const at = f.let(first.shl(2));
      const ownAt = f.let(row.mul(p.inner).add(first).shl(2));
      const own = f.let(p.own.add(ownAt));
      for (const sum of sums) sum.reset();
      forEachUse(f, p, row, (dyRow, otherRow) => {
        const dy = f.let(dyRow.add(at));
        const other = f.let(otherRow.add(at.mul(p.step)));
        const addTerms = (otherAt: (v: number) => F32x4): void => {
          sums.forEach((sum, v) => {
            const load = (pointer: I32): F32x4 => f.let(F32x4.load(pointer, 16 * v));
            sum.add(
              f.let(
                term(
                  f,
                  load(dy),
                  () => load(own),
                  () => otherAt(v),
                ),
              ),
            );
          });
        };
        f.if(
          p.step,
          () => addTerms((v) => f.let(F32x4.load(other, 16 * v))),
          () => {
            const still = f.let(F32x4.splat(other));
            addTerms(() => still);
          },
        );
      });
      const scale = f.let(F32x4.of(p.scale as F32));
      const dx = f.let(p.dx.add(ownAt));
      const left = f.let(p.inner.sub(first));
      sums.forEach((sum, v) => {
        const value = f.let(f.fma(scale, sum.toF32x4(), F32x4.load(dx, 16 * v)));
        f.if(
          left.ge(4 * v + 4),
          () => f.store(dx, value, 16 * v),
          () => f.if(left.gt(4 * v), () => storeSome(f, dx, value, 16 * v, f.let(left.sub(4 * v)))),
        );
      });
    });
  });
}

/** dx was stretched along the last axis: an element a unit, the sum over whole rows. The other operand runs along them. */
function defineRows(module: ModuleBuilder, name: string, term: Term, unroll: 1 | 2): void {
  module.func(`${name}Rows`, { ...sumParameters, ...span }, (f, p) => {
    const sums = [new DoubleSums(f), new DoubleSums(f)];
    f.loop(p.begin, p.end, 1, (unit) => {
      const own = f.let(F32x4.splat(p.own.add(unit.shl(2))));
      for (const sum of sums) sum.reset();
      forEachUse(f, p, unit, (dyRow, otherRow) => {
        const add = (at: I32, offset: number, rest: I32 | null): void => {
          const dy = f.let(F32x4.load(dyRow.add(at), offset));
          const other = (): F32x4 => f.let(F32x4.load(otherRow.add(at), offset));
          sums[(offset >> 4) & 1].add(
            f.let(
              onlyRow(
                term(f, dy, () => own, other),
                0,
                rest,
              ),
            ),
          );
        };
        emitVectors(f, p.inner, add, unroll);
      });
      sums[0].merge(sums[1]);
      const dx = f.let(p.dx.add(unit.shl(2)));
      const total = sums[0].total().mul((p.scale as F32).toF64());
      f.store(dx, F64.of(0).add(total).add(F32x4.loadOne(dx).lane(0).toF64()).toF32());
    });
  });
}
