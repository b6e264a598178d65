import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import type { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { exp, log } from '../elementwise/math.js';
import { DoubleSums, emitVectors, largestLane, onlyRow, storeSome } from '../elementwise/rows.js';

const parameters = { a: 'i32', b: 'i32', c: 'i32', axis: 'i32', inner: 'i32' } as const;
type P = { [K in keyof typeof parameters | keyof typeof span]: Variable<'i32'> };

/**
 * A line of numbers to normalize, or four side by side, hidden behind what both can do: walk along the axis by vectors,
 * and join what the lanes found. `rest` counts the lanes of a vector that belong to the line, null for all.
 */
interface Lines {
  /** The vectors along the axis: their byte offsets from the line's beginning. */
  walk(body: (at: I32, rest: I32 | null) => void): void;
  /** For a reduction: the lanes that are not of the line hold `other`. */
  only(value: F32x4, other: number, rest: I32 | null): F32x4;
  /** The largest of each line, in all of its lanes. */
  largest(value: F32x4): F32x4;
  /** The sum of each line, in all of its lanes. */
  sum(sums: DoubleSums): F32x4;
}

type Emit = (f: FunctionBuilder, lines: Lines, a: I32, b: I32, c: I32) => void;

/** Softmax along rows (the axis is the last; lanes lie along it) and along columns (each lane is a line of its own). */
const softmaxProgram = new Program('softmax', (module) => {
  define(module, 'softmax', emitSoftmax);
  define(module, 'logSoftmax', emitLogSoftmax);
  define(module, 'softmaxBackward', emitSoftmaxBackward);
  define(module, 'logSoftmaxBackward', emitLogSoftmaxBackward);
});

/** Each by the name of its pass and of how its lines lie. */
export const softmaxes = softmaxProgram.entries(
  [
    'softmax_rows',
    'softmax_columns',
    'logSoftmax_rows',
    'logSoftmax_columns',
    'softmaxBackward_rows',
    'softmaxBackward_columns',
    'logSoftmaxBackward_rows',
    'logSoftmaxBackward_columns',
  ],
  parameters,
);

function define(module: ModuleBuilder, name: string, emit: Emit): void {
  module.func(`${name}_rows`, { ...parameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (row) => {
      const first = f.let(row.mul(p.axis).shl(2));
      emit(f, rowLines(f, p), f.let(p.a.add(first)), f.let(p.b.add(first)), f.let(p.c.add(first)));
    });
  });
  // A unit is four neighboring columns.
  module.func(`${name}_columns`, { ...parameters, ...span }, (f, p) => {
    const blocks = f.let(p.inner.add(3).shr(2));
    f.loop(p.begin, p.end, 1, (unit) => {
      const outer = f.let(unit.div(blocks));
      const column = f.let(unit.sub(outer.mul(blocks)).shl(2));
      const first = f.let(outer.mul(p.axis).mul(p.inner).add(column).shl(2));
      const [a, b, c] = [f.let(p.a.add(first)), f.let(p.b.add(first)), f.let(p.c.add(first))];
      const width = f.let(p.inner.sub(column));
      f.if(
        width.ge(4),
        () => emit(f, columnLines(f, p, null), a, b, c),
        () => emit(f, columnLines(f, p, width), a, b, c),
      );
    });
  });
}

function rowLines(f: FunctionBuilder, p: P): Lines {
  return {
    walk: (body) => emitVectors(f, p.axis, (at, _offset, rest) => body(at, rest)),
    only: onlyRow,
    largest: (value) => largestLane(f, value),
    sum: (sums) => F32x4.of(sums.total().toF32()),
  };
}

function columnLines(f: FunctionBuilder, p: P, width: I32 | null): Lines {
  return {
    walk: (body) => {
      const at = f.i32(0);
      f.loop(0, p.axis, 1, () => {
        body(at, width);
        at.set(at.add(p.inner.shl(2)));
      });
    },
    only: (value) => value,
    largest: (value) => value,
    sum: (sums) => sums.toF32x4(),
  };
}

/** (1) the largest value, which makes every exponent <= 0. NaNs stay out of it: they come back with the exponentials. */
function emitLargest(f: FunctionBuilder, lines: Lines, x: I32): F32x4 {
  const max = f.let(F32x4.of(Number.NEGATIVE_INFINITY));
  lines.walk((at, rest) => {
    max.set(max.pmax(lines.only(F32x4.load(x.add(at)), Number.NEGATIVE_INFINITY, rest)));
  });
  return f.let(lines.largest(max));
}

function emitSoftmax(f: FunctionBuilder, lines: Lines, y: I32, x: I32): void {
  const max = emitLargest(f, lines, x);
  // (2) the exponentials and their sum
  const sums = new DoubleSums(f);
  lines.walk((at, rest) => {
    const e = exp(f, f.let(F32x4.load(x.add(at)).sub(max)));
    storeSome(f, y.add(at), e, 0, rest);
    sums.add(f.let(lines.only(e, 0, rest)));
  });
  // (3) normalized
  const scale = f.let(F32x4.of(1).div(lines.sum(sums)));
  lines.walk((at, rest) => {
    const to = f.let(y.add(at));
    storeSome(f, to, F32x4.load(to).mul(scale), 0, rest);
  });
}

function emitLogSoftmax(f: FunctionBuilder, lines: Lines, y: I32, x: I32): void {
  const max = emitLargest(f, lines, x);
  // (2) the sum of the exponentials
  const sums = new DoubleSums(f);
  lines.walk((at, rest) => {
    const e = exp(f, f.let(F32x4.load(x.add(at)).sub(max)));
    sums.add(f.let(lines.only(e, 0, rest)));
  });
  // (3) normalized
  const logSum = log(f, f.let(lines.sum(sums)));
  lines.walk((at, rest) => storeSome(f, y.add(at), F32x4.load(x.add(at)).sub(max).sub(logSum), 0, rest));
}

function emitSoftmaxBackward(f: FunctionBuilder, lines: Lines, dx: I32, dy: I32, y: I32): void {
  const sums = new DoubleSums(f);
  lines.walk((at, rest) => {
    const d = f.let(lines.only(F32x4.load(dy.add(at)), 0, rest));
    const v = f.let(lines.only(F32x4.load(y.add(at)), 0, rest));
    sums.addProduct(d, v);
  });
  const sum = f.let(lines.sum(sums));
  lines.walk((at, rest) => {
    const to = f.let(dx.add(at));
    const change = F32x4.load(y.add(at)).mul(F32x4.load(dy.add(at)).sub(sum));
    storeSome(f, to, F32x4.load(to).add(change), 0, rest);
  });
}

function emitLogSoftmaxBackward(f: FunctionBuilder, lines: Lines, dx: I32, dy: I32, y: I32): void {
  const sums = new DoubleSums(f);
  lines.walk((at, rest) => sums.add(f.let(lines.only(F32x4.load(dy.add(at)), 0, rest))));
  const sum = f.let(lines.sum(sums));
  lines.walk((at, rest) => {
    const to = f.let(dx.add(at));
    const e = exp(f, f.let(F32x4.load(y.add(at))));
    storeSome(f, to, F32x4.load(to).add(F32x4.load(dy.add(at)).sub(e.mul(sum))), 0, rest);
  });
}
