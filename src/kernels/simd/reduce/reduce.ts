import type { Floats } from '../../../memory/memory.js';
import { alignedBytes, scratchInts } from '../../../wasm/scratch.js';
import type { ReduceGeometry } from '../../contracts/arithmetic.js';
import { type Axis, axisTable } from '../move/axes.js';
import { shares, walks } from '../move/stridedProgram.js';
import { WALK_GRAIN, type Walk, walkOf } from '../move/walk.js';
import { type Fold, maxFold, sumFold, tieFold } from './folds.js';
import { COLUMNS, type FoldFunctions, folds } from './reduceProgram.js';

/** Elements that one segment of a fold covers: the same for any number of threads. */
const SEGMENT = 32768;
/** Elements that are worth a thread. */
const GRAIN = 16384;

/** Numerics: accumulated in doubles and rounded once, |error| <= u |sum| + count 2^-53 sum|x|. */
export function sum(y: Floats, x: Floats, g: ReduceGeometry): void {
  reduce(folds.sum, y, x, planOf(sumFold, g, y.length));
}

/** Numerics: scale is rounded to float32, and so are its product with dy and the sum. */
export function sumBackward(dx: Floats, dy: Floats, g: ReduceGeometry): void {
  const { byteOffset: to } = dx;
  const { byteOffset: from } = dy;
  const { kind, walk } = spreadOf(g);
  const table = scratchInts(walk.table);
  walks[`add_${kind}`].runGroups([walk.values(to, from, table), { factor: g.scale }], walk.units, WALK_GRAIN);
}

export function max(y: Floats, x: Floats, g: ReduceGeometry): void {
  reduce(folds.max, y, x, planOf(maxFold, g, y.length));
}

/** Numerics: the part of each tie is rounded to float32 before it is added. */
export function maxBackward(dx: Floats, dy: Floats, x: Floats, y: Floats, g: ReduceGeometry): void {
  const { byteOffset: to } = dx;
  const pointers = { x: x.byteOffset, largest: y.byteOffset, dy: dy.byteOffset };
  const plan = planOf(tieFold, g, y.length);
  const { kind, walk } = spreadOf(g);
  const ints = [...plan.ints, ...walk.table];
  const table = scratchInts(ints, plan.partialBytes + 4 * plan.outputs);
  const partials = table + alignedBytes(ints.length);
  const parts = partials + plan.partialBytes;
  // (1) how many share it, and so the part of each
  run(folds.tie, { ...pointers, y: parts, table, partials }, plan);
  // (2) give each its part
  const walked = walk.values(to, parts, table + 4 * plan.ints.length);
  const ways = { toX: pointers.x - to, toMaxima: pointers.largest - parts };
  shares[`share_${kind}`].runGroups([walked, ways], walk.units, WALK_GRAIN);
}

/** A fold over a geometry: how it is cut into units, and the integers that its program reads. */
interface Plan {
  readonly ints: number[];
  readonly keptInts: number;
  /** Bytes for the partial results; 0 if every output has one segment. */
  readonly partialBytes: number;
  readonly layout: 'rows' | 'columns';
  readonly outputs: number;
  readonly units: number;
  readonly grain: number;
  readonly segments: number;
  readonly segmentLength: number;
  readonly count: number;
  readonly run: number;
  readonly step: number;
  readonly scale: number;
}

function planOf(fold: Pick<Fold<never>, 'partialBytes'>, g: ReduceGeometry, outputs: number): Plan {
  const { shape, stridesY, count, scale } = g;
  const axes = rowMajor(shape);
  const last = axes.length - 1;
  const reduced = axes.map((_, k) => stridesY[k] === 0);
  const layout = reduced[last] ? 'rows' : 'columns';
  const innermost = reduced.lastIndexOf(true);
  const kept = axisTable(
    axes.filter((_, k) => !reduced[k] && k !== last),
    1,
  );
  const others = axisTable(
    axes.filter((_, k) => reduced[k] && k !== innermost),
    1,
  );
  const step = layout === 'rows' ? 1 : shape[last];
  const width = Math.min(step, COLUMNS);
  const segmentLength = layout === 'rows' ? SEGMENT : SEGMENT / COLUMNS;
  const segments = Math.max(1, Math.ceil(count / segmentLength));
  const blocks = outputs === 0 ? 0 : (outputs / step) * Math.ceil(step / COLUMNS);
  const unitSize = Math.max(1, Math.min(count, segmentLength)) * width;
  return {
    ints: [...kept, ...others],
    keptInts: kept.length,
    partialBytes: segments > 1 ? Math.ceil((segments * outputs * fold.partialBytes) / 64) * 64 : 0,
    layout,
    outputs,
    units: blocks * segments,
    grain: Math.ceil(GRAIN / unitSize),
    segments,
    segmentLength,
    count,
    run: innermost < 0 ? 1 : shape[innermost],
    step,
    scale,
  };
}

function reduce(functions: FoldFunctions, y: Floats, x: Floats, plan: Plan): void {
  const pointers = { y: y.byteOffset, x: x.byteOffset, largest: y.byteOffset, dy: y.byteOffset };
  const table = scratchInts(plan.ints, plan.partialBytes);
  run(functions, { ...pointers, table, partials: table + alignedBytes(plan.ints.length) }, plan);
}

interface Pointers {
  readonly y: number;
  readonly x: number;
  readonly largest: number;
  readonly dy: number;
  readonly table: number;
  readonly partials: number;
}

function run(functions: FoldFunctions, pointers: Pointers, plan: Plan): void {
  const { layout, outputs, segments, segmentLength, count, step, scale, keptInts, ints } = plan;
  const values = {
    scale,
    outputs,
    segments,
    segmentLength,
    count,
    run: plan.run,
    step,
    kept: pointers.table,
    keptAxes: keptInts / 2,
    reduced: pointers.table + 4 * keptInts,
    reducedAxes: (ints.length - keptInts) / 2,
  };
  functions[layout].runGroups([pointers, values], plan.units, plan.grain);
  if (segments > 1) functions.finish.runGroups([pointers, values], outputs, Math.ceil(GRAIN / segments));
}

/** The walk over x and what is spread over it: one number a row of x, or one an element. */
function spreadOf(g: ReduceGeometry): { kind: 'rows' | 'spread'; walk: Walk } {
  const axes = rowMajor(g.shape).map(({ size, strides }, k) => ({ size, strides: [strides[0], g.stridesY[k]] }));
  return { kind: g.stridesY[g.stridesY.length - 1] === 0 ? 'spread' : 'rows', walk: walkOf(axes) };
}

/** Axes of an array without gaps. */
function rowMajor(shape: Int32Array): Axis[] {
  const axes: Axis[] = [];
  let stride = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    axes.unshift({ size: shape[k], strides: [stride] });
    stride *= shape[k];
  }
  return axes;
}
