import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import type { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { storeLanes } from '../elementwise/steps.js';
import { BAND, emitStage, type Shape, shape, stagedRows } from './depthwiseStage.js';
import { emitDenseSums, emitSquareSums, emitSums, type Sums } from './depthwiseSums.js';
import { defineWeightGradient, weightsParameters } from './depthwiseWeightProgram.js';
import { emitColumns, emitVariants, type RowTaps } from './depthwiseWindows.js';
import { emitEpilogue, epilogue, type Finish } from './epilogue.js';
import { emitZero } from './window.js';

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
  /** How many planes are staged before any of them is filtered. */
  planes: 'i32',
  ...epilogue,
  ...shape,
} as const;
export const apply = depthwise.entry('apply', applyParameters);

/**
 * target[n][t] = epilogue(sum over its sources of filter * source plane); accumulate adds to the present values. In the forward pass a target has
 * one source, t / perSource; backwards it has `sources` of them, and the filters are read from the end (`tapStep` -4). A unit is a plane.
 *
 * What stays of the zeros that fill the staging area at first is the frame around each plane.
 */
function defineApply(module: ModuleBuilder): void {
  module.func('apply', { ...applyParameters, ...span }, (f, p) => {
    const stage = f.let(p.scratch.add(p.thread.mul(p.scratchBytes)));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const columns = emitColumns(f, p);
    const frame = f.let(p.rowBytes.mul(stagedRows(p)));
    f.loop(0, p.planes, 1, (i) => emitZero(f, f.let(stage.add(frame.mul(i))), frame));
    const place = (unit: I32, m: I32): Place => {
      const image = f.let(unit.div(p.targetChannels));
      const target = f.let(unit.sub(image.mul(p.targetChannels)));
      const filter = f.let(target.mul(p.sources).add(m));
      return { image, target, filter };
    };
    f.loop(p.begin, p.end, p.planes, (start) => {
      const units = f.let(p.end.sub(start).min(p.planes));
      f.loop(0, p.sources, 1, (m) => {
        f.loop(0, p.outHeight, BAND, (first) => {
          const count = f.let(p.outHeight.sub(first).min(BAND));
          // All first: what was just stored can be read from the cache by the time that it is needed.
          f.loop(0, units, 1, (i) => {
            const { image, filter } = place(start.add(i), m);
            const channel = image.mul(p.sourceChannels).add(filter.div(p.perSource));
            const plane = f.let(p.x.add(channel.mul(p.height.mul(p.width)).shl(2)));
            emitStage(f, p, plane, first, count, f.let(stage.add(frame.mul(i))));
          });
          f.loop(0, units, 1, (i) => {
            const unit = f.let(start.add(i));
            const at = place(unit, m);
            const target = f.let(p.y.add(unit.mul(p.outHeight).add(first).mul(p.outWidth).shl(2)));
            const rows = {
              stage: f.let(stage.add(frame.mul(i))),
              filter: f.let(p.w.add(at.filter.mul(taps).shl(2)).add(p.firstTap)),
              tapStep: p.tapStep,
              finish: emitEpilogue(f, p, at.target),
              adds: f.let(p.accumulate.or(m.ne(0))),
              target,
              count,
              columns,
            };
            emitVariants(f, p, (taps) => emitRows(f, p, rows, taps));
          });
        });
      });
    });
  });
}

interface Place {
  image: I32;
  target: I32;
  filter: I32;
}

interface Rows {
  stage: I32;
  filter: I32;
  tapStep: I32;
  finish: Finish;
  adds: I32;
  target: I32;
  count: I32;
  columns: readonly I32[];
}

/** The rows of a band, two or four at a time: enough sums that none waits for the one before it. */
function emitRows(f: FunctionBuilder, p: Shape, rows: Rows, taps: RowTaps): void {
  const { stage, filter, tapStep, target, count, columns } = rows;
  const row = f.let(stage);
  const to = f.let(target);
  const left = f.let(count);
  const rowsOf = (lines: 1 | 2 | 4, sumsAt: (line: I32) => Sums): void =>
    f.while(
      () => left.ge(lines),
      () => {
        emitLines(f, p, rows, row, to, lines, sumsAt);
        row.set(row.add(p.strideHeight.mul(p.rowBytes).mul(lines)));
        to.set(to.add(p.outWidth.shl(2).mul(lines)));
        left.set(left.sub(lines));
      },
    );
  if (taps > 0) {
    const isNext = p.strideHeight.mul(p.strideWidth).mul(p.dilationHeight).mul(p.dilationWidth).eq(1);
    f.if(p.kernelHeight.eq(taps).and(isNext), () => {
      if (taps === 5 || taps === 7) {
        rowsOf(4, (line) => emitSquareSums(f, p, line, filter, tapStep, taps));
        return;
      }
      const fixed = Array.from({ length: 9 }, (_, i) => f.let(F32x4.splat(filter.add(tapStep.mul(i)))));
      rowsOf(2, (line) => emitDenseSums(f, p, line, fixed));
    });
  }
  for (const lines of [2, 1] as const) {
    rowsOf(lines, (line) => emitSums(f, p, line, lines, filter, tapStep, taps, columns));
  }
}

/** `lines` rows of outputs, eight columns at a time; `sumsAt` makes those of which the first window begins at a place of the staged row. */
function emitLines(
  f: FunctionBuilder,
  p: Shape,
  rows: Rows,
  row: I32,
  target: I32,
  lines: 1 | 2 | 4,
  sumsAt: (line: I32) => Sums,
): void {
  const at = f.let(row);
  const targets = Array.from({ length: lines }, (_, i) => f.let(target.add(p.outWidth.shl(2).mul(i))));
  const whole = (sums: Sums): void => {
    emitFinish(f, rows, sums, targets);
    for (const [i, to] of targets.entries()) {
      for (const [half, sum] of sums[i].entries()) f.store(to, sum, 16 * half);
      to.set(to.add(32));
    }
    at.set(at.add(32));
  };
  const part = (sums: Sums, left: I32): void => {
    emitFinish(f, rows, sums, targets);
    for (const [i, to] of targets.entries()) {
      f.if(
        left.ge(4),
        () => {
          f.store(to, sums[i][0]);
          f.if(left.and(3), () => storeLanes(f, f.let(to.add(16)), sums[i][1], left.and(3)));
        },
        () => storeLanes(f, to, sums[i][0], left),
      );
    }
  };
  if (f.options.wide) {
    // Sums of which lanes are stored would keep the compiler from joining vectors.
    f.loop(0, p.outWidth.and(-8), 8, () => whole(sumsAt(at)));
    f.if(p.outWidth.and(7), () => part(sumsAt(at), f.let(p.outWidth.and(7))));
    return;
  }
  f.loop(0, p.outWidth, 8, (q) => {
    const sums = sumsAt(at);
    const left = f.let(p.outWidth.sub(q));
    f.if(
      left.ge(8),
      () => whole(sums),
      () => part(sums, left),
    );
  });
}

/** Adds what the targets hold, where that is wanted, and the epilogue. */
function emitFinish(f: FunctionBuilder, { adds, finish }: Rows, sums: Sums, targets: readonly I32[]): void {
  f.if(adds, () => {
    for (const [i, to] of targets.entries()) {
      for (const [half, sum] of sums[i].entries()) sum.set(sum.add(F32x4.load(to, 16 * half)));
    }
  });
  finish(sums, targets);
}
