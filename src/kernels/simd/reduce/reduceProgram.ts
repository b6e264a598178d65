import type { Entry } from '../../../wasm/entry.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import type { F32, F64, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitOffsets } from '../move/axes.js';
import { type Fold, type Lanes, maxFold, sumFold, tieFold } from './folds.js';

/** Columns that are reduced side by side: a cache line of x. */
export const COLUMNS = 16;

const parameters = {
  y: 'i32',
  x: 'i32',
  /** For ties: the maxima, and the gradient to share. */
  largest: 'i32',
  dy: 'i32',
  scale: 'f64',
  /** Partial results [segments][outputs], where there is more than one segment. */
  partials: 'i32',
  outputs: 'i32',
  segments: 'i32',
  /** How many elements of one output a segment covers, and how many there are. */
  segmentLength: 'i32',
  count: 'i32',
  /** The innermost reduced axis, and the floats between its neighbors. */
  run: 'i32',
  step: 'i32',
  /** Tables of the kept and the other reduced axes. */
  kept: 'i32',
  keptAxes: 'i32',
  reduced: 'i32',
  reducedAxes: 'i32',
} as const;

const all = { ...parameters, ...span } as const;
type P = { [K in keyof typeof all]: Variable<(typeof all)[K]> };

/**
 * Folds over merged axes. The elements behind one output are cut into segments, whose number depends on the shape only,
 * so that few long sums occupy all threads and give the same bits on any number of them.
 */
const reduceProgram = new Program('reduce', (module) => {
  define(module, sumFold);
  define(module, maxFold);
  define(module, tieFold);
});

function define<S extends F64 | F32 | I32>(module: ModuleBuilder, fold: Fold<S>): void {
  module.func(`${fold.name}_rows`, all, (f, p) => emitRows(f, p, fold));
  module.func(`${fold.name}_columns`, all, (f, p) => emitColumns(f, p, fold));
  module.func(`${fold.name}_finish`, all, (f, p) => emitFinish(f, p, fold));
}

/** What folds call: `rows` or `columns`, and `finish` where there is more than one segment. */
export const folds = { sum: functionsOf(sumFold), max: functionsOf(maxFold), tie: functionsOf(tieFold) } as const;

function functionsOf({ name }: { readonly name: string }): FoldFunctions {
  return {
    rows: reduceProgram.entry(`${name}_rows`, parameters),
    columns: reduceProgram.entry(`${name}_columns`, parameters),
    finish: reduceProgram.entry(`${name}_finish`, parameters),
  };
}

export type FoldFunctions = Readonly<Record<'rows' | 'columns' | 'finish', Entry<typeof parameters>>>;

/** The last axis is reduced: x is read in order. A unit is one segment of one output. */
function emitRows<S extends F64 | F32 | I32>(f: FunctionBuilder, p: P, fold: Fold<S>): void {
  const first = f.i32();
  const equal = f.variable('f32x4');
  const lanes = [0, 1, 2, 3].map(() => fold.lanes(f, equal));
  f.loop(p.begin, p.end, 1, (unit) => {
    const o = f.let(unit.div(p.segments));
    const segment = f.let(unit.sub(o.mul(p.segments)));
    emitOffsets(f, o, p.kept, p.keptAxes, [first]);
    equal.set(F32x4.splat(p.largest.add(o.shl(2))));
    for (const l of lanes) l.reset();
    emitPieces(f, p, segment, first, (at, n) => {
      const blocks = f.let(at.add(n.and(-16).shl(2)));
      f.while(
        () => at.below(blocks),
        () => {
          for (const [i, l] of lanes.entries()) l.take(at, 16 * i);
          at.set(at.add(64));
        },
      );
      const whole = f.let(at.add(n.and(12).shl(2)));
      f.while(
        () => at.below(whole),
        () => {
          lanes[0].take(at, 0);
          at.set(at.add(16));
        },
      );
      const rest = f.let(n.and(3));
      f.if(rest, () => lanes[0].takeSome(at, rest));
    });
    lanes[0].merge(lanes[1]);
    lanes[2].merge(lanes[3]);
    lanes[0].merge(lanes[2]);
    emitResult(f, p, fold, o, segment, lanes[0].total());
  });
}

/** The last axis is kept: neighboring outputs side by side. A unit is one segment of sixteen columns. */
function emitColumns<S extends F64 | F32 | I32>(f: FunctionBuilder, p: P, fold: Fold<S>): void {
  const blocks = f.let(p.step.add(COLUMNS - 1).div(COLUMNS));
  const first = f.i32();
  const equals = [0, 1, 2, 3].map(() => f.variable('f32x4'));
  const lanes = equals.map((equal) => fold.lanes(f, equal));
  f.loop(p.begin, p.end, 1, (unit) => {
    const index = f.let(unit.div(p.segments));
    const segment = f.let(unit.sub(index.mul(p.segments)));
    const outer = f.let(index.div(blocks));
    const column = f.let(index.sub(outer.mul(blocks)).mul(COLUMNS));
    const o = f.let(outer.mul(p.step).add(column));
    const width = f.let(p.step.sub(column));
    emitOffsets(f, outer, p.kept, p.keptAxes, [first]);
    first.set(first.add(column.shl(2)));
    f.if(
      width.ge(COLUMNS),
      () => emitColumnFold(f, p, fold, { o, segment, first, width, lanes, equals }),
      () => {
        f.while(
          () => width.gt(0),
          () => {
            emitColumnFold(f, p, fold, { o, segment, first, width, lanes: [lanes[0]], equals });
            o.set(o.add(4));
            first.set(first.add(16));
            width.set(width.sub(4));
          },
        );
      },
    );
  });
}

interface ColumnBlock<S> {
  o: I32;
  segment: I32;
  first: I32;
  width: I32;
  lanes: readonly Lanes<S>[];
  equals: readonly Variable<'f32x4'>[];
}

function emitColumnFold<S extends F64 | F32 | I32>(f: FunctionBuilder, p: P, fold: Fold<S>, b: ColumnBlock<S>): void {
  const rowBytes = f.let(p.step.shl(2));
  b.lanes.forEach((l, i) => {
    b.equals[i].set(F32x4.load(p.largest.add(b.o.shl(2)), 16 * i));
    l.reset();
  });
  emitPieces(f, p, b.segment, b.first, (at, n) => {
    f.loop(0, n, 1, () => {
      for (const [i, l] of b.lanes.entries()) l.take(at, 16 * i);
      at.set(at.add(rowBytes));
    });
  });
  b.lanes.forEach((l, i) => {
    for (let lane = 0; lane < 4; lane++) {
      const at = 4 * i + lane;
      const store = (): void => emitResult(f, p, fold, b.o.add(at), b.segment, l.lane(lane));
      // A whole block has all of its columns; a narrow one may end anywhere.
      if (b.lanes.length > 1) store();
      else f.if(b.width.gt(at), store);
    }
  });
}

/**
 * Calls `body` with pointer and number of elements for every run of one segment: stretches of the innermost reduced axis
 * that begin in the array's part at byte `first`.
 */
function emitPieces(
  f: FunctionBuilder,
  p: P,
  segment: I32,
  first: I32,
  body: (at: Variable<'i32'>, n: Variable<'i32'>) => void,
): void {
  const r = f.let(segment.mul(p.segmentLength));
  const end = f.let(r.add(p.segmentLength).min(p.count));
  const offset = f.i32();
  f.while(
    () => r.lt(end),
    () => {
      const row = f.let(r.div(p.run));
      const position = f.let(r.sub(row.mul(p.run)));
      const n = f.let(p.run.sub(position).min(end.sub(r)));
      emitOffsets(f, row, p.reduced, p.reducedAxes, [offset]);
      const at = f.let(p.x.add(first).add(offset).add(position.mul(p.step).shl(2)));
      r.set(r.add(n));
      body(at, n);
    },
  );
}

function emitResult<S extends F64 | F32 | I32>(
  f: FunctionBuilder,
  p: P,
  fold: Fold<S>,
  output: I32,
  segment: I32,
  value: S,
): void {
  const o = f.let(output);
  f.if(
    p.segments.eq(1),
    () => f.store(p.y.add(o.shl(2)), fold.finish(value, { scale: p.scale, dy: p.dy.add(o.shl(2)) })),
    () => f.store(p.partials.add(segment.mul(p.outputs).add(o).mul(fold.partialBytes)), value),
  );
}

/** Joins the partial results of each output in their order. A unit is an output. */
function emitFinish<S extends F64 | F32 | I32>(f: FunctionBuilder, p: P, fold: Fold<S>): void {
  f.loop(p.begin, p.end, 1, (o) => {
    const at = f.let(p.partials.add(o.mul(fold.partialBytes)));
    const stride = f.let(p.outputs.mul(fold.partialBytes));
    const value = f.let(fold.load(at));
    f.loop(1, p.segments, 1, () => {
      at.set(at.add(stride));
      value.set(fold.join(value, fold.load(at)));
    });
    f.store(p.y.add(o.shl(2)), fold.finish(value, { scale: p.scale, dy: p.dy.add(o.shl(2)) }));
  });
}
