import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import type { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { storeLanes } from '../elementwise/steps.js';
import { BAND, emitStage, type Shape, shape } from './depthwiseStage.js';
import { defineWeightGradient, weightsParameters } from './depthwiseWeightProgram.js';
import { emitColumns, emitTaps, emitVariants, type WindowKind } from './depthwiseWindows.js';
import { emitEpilogue, epilogue } from './epilogue.js';
import { emitLoadStrided } from './window.js';

/** Convolutions with one input channel a group: a filter slides over one plane, straight from a padded copy of its rows. */
const depthwise = new Program('depthwise', (module) => {
  defineApply(module);
  defineWeightGradient(module);
});

export const weights = depthwise.entry('weights', weightsParameters);

const applyParameters = {
  y: 'i32',
  x: 'i32',
  w: 'i32',
  accumulate: 'i32',
  sources: 'i32',
  perSource: 'i32',
  firstTap: 'i32',
  tapStep: 'i32',
  ...epilogue,
  ...shape,
} as const;
export const apply = depthwise.entry('apply', applyParameters);

/**
 * target[n][t] = epilogue(sum over its sources of filter * source plane); accumulate adds to what is there. In the forward pass a target has
 * one source, t / perSource; backwards it has `sources` of them, and the filters are read from the end (`tapStep` -4). A unit is a plane.
 */
function defineApply(module: ModuleBuilder): void {
  module.func('apply', { ...applyParameters, ...span }, (f, p) => {
    const stage = f.let(p.scratch.add(p.thread.mul(p.scratchBytes)));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    f.loop(p.begin, p.end, 1, (unit) => {
      const image = f.let(unit.div(p.targetChannels));
      const t = f.let(unit.sub(image.mul(p.targetChannels)));
      const out = f.let(p.y.add(unit.mul(p.outHeight.mul(p.outWidth)).shl(2)));
      f.loop(0, p.sources, 1, (m) => {
        const filterIndex = f.let(t.mul(p.sources).add(m));
        const source = f.let(filterIndex.div(p.perSource));
        const plane = f.let(p.x.add(image.mul(p.sourceChannels).add(source).mul(p.height.mul(p.width)).shl(2)));
        const filter = f.let(p.w.add(filterIndex.mul(taps).shl(2)).add(p.firstTap));
        const adds = f.let(p.accumulate.or(m.ne(0)));
        const finish = emitEpilogue(f, p, t);
        f.loop(0, p.outHeight, BAND, (first) => {
          const count = f.let(p.outHeight.sub(first).min(BAND));
          emitStage(f, p, plane, first, count, stage);
          const target = f.let(out.add(first.mul(p.outWidth).shl(2)));
          const rows = { stage, filter, tapStep: p.tapStep, finish, adds, target, count };
          emitVariants(f, p, (window) => emitRows(f, p, rows, window));
        });
      });
    });
  });
}

interface Rows {
  stage: I32;
  filter: I32;
  tapStep: I32;
  finish: (sum: F32x4, to: I32) => F32x4;
  adds: I32;
  target: I32;
  count: I32;
}

/** The rows of a band; where windows are dense two at a time, which share what they read. */
function emitRows(f: FunctionBuilder, p: Shape, rows: Rows, window: WindowKind): void {
  const { stage, filter, tapStep, target, count } = rows;
  const fixed =
    window.taps === 3 ? Array.from({ length: 9 }, (_, i) => f.let(F32x4.splat(filter.add(tapStep.mul(i))))) : [];
  const row = f.let(stage);
  const to = f.let(target);
  const advance = (lines: number): void => {
    row.set(row.add(p.strideHeight.mul(p.rowBytes).mul(lines)));
    to.set(to.add(p.outWidth.shl(2).mul(lines)));
  };
  if (window.dense) {
    f.loop(0, count.shr(1), 1, () => {
      emitLines(f, p, rows, row, to, 2, (line) => emitDense(f, p, line, fixed));
      advance(2);
    });
  }
  const step = f.let(p.strideWidth.shl(2));
  f.loop(0, window.dense ? count.and(1) : count, 1, () => {
    emitLines(f, p, rows, row, to, 1, (line) => [emitWindow(f, p, rows, line, step, window, fixed)]);
    advance(1);
  });
}

/** `lines` rows of outputs, four at a time; `sumsAt` makes four of each row from where the window of the first begins. */
function emitLines(
  f: FunctionBuilder,
  p: Shape,
  { finish, adds }: Rows,
  row: I32,
  target: I32,
  lines: 1 | 2,
  sumsAt: (line: I32) => Variable<'f32x4'>[],
): void {
  const step = f.let(p.strideWidth.shl(4));
  const at = f.let(row);
  const targets = Array.from({ length: lines }, (_, i) => f.let(target.add(p.outWidth.shl(2).mul(i))));
  f.loop(0, p.outWidth, 4, (q) => {
    const sums = sumsAt(at);
    const left = f.let(p.outWidth.sub(q));
    f.if(
      left.ge(4),
      () => {
        for (const [i, to] of targets.entries()) {
          f.if(adds, () => sums[i].set(sums[i].add(F32x4.load(to))));
          f.store(to, finish(sums[i], to));
          to.set(to.add(16));
        }
      },
      () => {
        for (const [i, to] of targets.entries()) {
          f.if(adds, () => {
            const old = f.let(F32x4.of(0));
            for (const lane of [0, 1, 2] as const)
              f.if(left.gt(lane), () => old.set(old.loadLane(to.add(4 * lane), lane)));
            sums[i].set(sums[i].add(old));
          });
          storeLanes(f, to, finish(sums[i], to), left);
        }
      },
    );
    at.set(at.add(step));
  });
}

/** Four outputs of one row. */
function emitWindow(
  f: FunctionBuilder,
  p: Shape,
  { filter, tapStep }: Rows,
  first: I32,
  step: I32,
  window: WindowKind,
  fixed: readonly F32x4[],
): Variable<'f32x4'> {
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const tapColumn = f.let(p.dilationWidth.shl(2));
  const sum = f.let(F32x4.of(0));
  const line = f.let(first);
  if (window.taps === 0) {
    const tap = f.let(filter);
    f.loop(0, p.kernelHeight, 1, () => {
      const pixel = f.let(line);
      f.loop(0, p.kernelWidth, 1, () => {
        sum.set(f.fma(F32x4.splat(tap), emitLoadStrided(f, pixel, step), sum));
        tap.set(tap.add(tapStep));
        pixel.set(pixel.add(tapColumn));
      });
      line.set(line.add(tapRow));
    });
    return sum;
  }
  const columns = emitColumns(f, p, window.taps);
  if (window.taps === 5) {
    const tap = f.let(filter);
    f.loop(0, p.kernelHeight, 1, () => {
      emitTaps(f, window, line, columns, step).forEach((x) => {
        sum.set(f.fma(F32x4.splat(tap), x, sum));
        tap.set(tap.add(tapStep));
      });
      line.set(line.add(tapRow));
    });
    return sum;
  }
  for (let r = 0; r < 3; r++) {
    if (r > 0) line.set(line.add(tapRow));
    emitTaps(f, window, line, columns, step).forEach((x, s) => {
      sum.set(f.fma(fixed[3 * r + s], x, sum));
    });
  }
  return sum;
}

/** Four outputs of each of two rows, in the same order of sums: of the four rows of pixels that they see, two belong to both. */
function emitDense(f: FunctionBuilder, p: Shape, first: I32, fixed: readonly F32x4[]): Variable<'f32x4'>[] {
  const columns = emitColumns(f, p, 3);
  const sums = [0, 1].map(() => f.let(F32x4.of(0)));
  const line = f.let(first);
  for (let r = 0; r < 4; r++) {
    if (r > 0) line.set(line.add(p.rowBytes));
    for (const [s, column] of columns.entries()) {
      const x = f.let(F32x4.load(line.add(column)));
      for (const [i, sum] of sums.entries()) {
        if (r - i >= 0 && r - i < 3) sum.set(f.fma(fixed[3 * (r - i) + s], x, sum));
      }
    }
  }
  return sums;
}
