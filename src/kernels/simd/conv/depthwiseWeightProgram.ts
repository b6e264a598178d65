import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { BAND, emitStage, type Shape, shape, stagedColumn } from './depthwiseStage.js';
import { emitColumns, emitVariants, type RowTaps } from './depthwiseWindows.js';
import { emitCopy, emitZero } from './window.js';

export const weightsParameters = {
  dw: 'i32',
  dy: 'i32',
  x: 'i32',
  batch: 'i32',
  perSource: 'i32',
  stageBytes: 'i32',
  ...shape,
} as const;

/** dw[o][r][s] += sum over images and pixels of dy * x. A unit is an output channel, so each sum has one order. */
export function defineWeightGradient(module: ModuleBuilder): void {
  module.func('weights', { ...weightsParameters, ...span }, (f, p) => {
    const stage = f.let(p.scratch.add(p.thread.mul(p.scratchBytes)));
    const gradients = f.let(stage.add(p.stageBytes));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const lineBytes = f.let(p.outWidth.add(3).and(-4).shl(2));
    const isSquare = f.let(p.kernelHeight.eq(3).and(p.kernelWidth.eq(3)));
    emitZero(f, stage, p.stageBytes);
    const columns = emitColumns(f, p);
    f.loop(p.begin, p.end, 1, (o) => {
      const totals = Array.from({ length: 9 }, () => f.let(F32x4.of(0)));
      f.loop(0, p.batch, 1, (image) => {
        const source = f.let(
          p.x.add(image.mul(p.sourceChannels).add(o.div(p.perSource)).mul(p.height.mul(p.width)).shl(2)),
        );
        const plane = f.let(p.dy.add(image.mul(p.targetChannels).add(o).mul(p.outHeight.mul(p.outWidth)).shl(2)));
        f.loop(0, p.outHeight, BAND, (first) => {
          const count = f.let(p.outHeight.sub(first).min(BAND));
          emitStage(f, p, source, first, count, stage);
          f.loop(0, count, 1, (r) => {
            const line = f.let(gradients.add(r.mul(lineBytes)));
            f.store(line.add(lineBytes).sub(16), F32x4.of(0));
            emitCopy(f, line, plane.add(first.add(r).mul(p.outWidth).shl(2)), p.outWidth);
          });
          const band = { stage, gradients, lineBytes, count, columns };
          f.if(
            isSquare,
            () => emitNineTaps(f, p, band, totals),
            () => {
              const dw = f.let(p.dw.add(o.mul(taps).shl(2)));
              emitVariants(f, p, (taps) => emitTapRows(f, p, band, taps, dw));
            },
          );
        });
      });
      f.if(isSquare, () => {
        const to = f.let(p.dw.add(o.mul(36)));
        totals.forEach((total, i) => {
          f.store(to, F32.load(to, 4 * i).add(lanes(total)), 4 * i);
        });
      });
    });
  });
}

/** A staged band of x, and of dy with zeros behind each row. */
interface Band {
  stage: I32;
  gradients: I32;
  lineBytes: I32;
  count: I32;
  columns: readonly I32[];
}

function lanes(sum: F32x4): F32 {
  return sum
    .lane(0)
    .add(sum.lane(1))
    .add(sum.lane(2).add(sum.lane(3)));
}

/** Nine sums at once: each vector of dy is read once. The sums of a band join `totals` at its end, so that none gets long. */
function emitNineTaps(
  f: FunctionBuilder,
  p: Shape,
  { stage, gradients, lineBytes, count, columns }: Band,
  totals: readonly Variable<'f32x4'>[],
): void {
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const sums = totals.map(() => f.let(F32x4.of(0)));
  const row = f.let(stage);
  const from = f.let(gradients);
  f.loop(0, count, 1, () => {
    const at = f.let(row);
    f.loop(0, lineBytes, 16, () => {
      const dy = f.let(F32x4.load(from));
      const line = f.let(at);
      for (let r = 0; r < 3; r++) {
        if (r > 0) line.set(line.add(tapRow));
        for (const [s, column] of columns.slice(0, 3).entries()) {
          sums[3 * r + s].set(f.fma(dy, F32x4.load(line.add(column)), sums[3 * r + s]));
        }
      }
      from.set(from.add(16));
      at.set(at.add(16));
    });
    row.set(row.add(p.strideHeight.mul(p.rowBytes)));
  });
  totals.forEach((total, i) => {
    total.set(total.add(sums[i]));
  });
}

/** Taps whose number has code of its own are summed at once, a row of them after another; others one by one. */
function emitTapRows(
  f: FunctionBuilder,
  p: Shape,
  { stage, gradients, lineBytes, count, columns }: Band,
  taps: RowTaps,
  dw: I32,
): void {
  const atOnce = Math.max(1, taps);
  const to = f.let(dw);
  f.loop(0, p.kernelHeight, 1, (r) => {
    f.loop(0, p.kernelWidth, atOnce, (s) => {
      const sums = columns.slice(0, atOnce).map(() => f.let(F32x4.of(0)));
      const row = f.let(stage.add(r.mul(p.dilationHeight).mul(p.rowBytes)));
      if (taps === 0) row.set(row.add(stagedColumn(f, p, p.dilationWidth.mul(s))));
      const from = f.let(gradients);
      f.loop(0, count, 1, () => {
        const at = f.let(row);
        f.loop(0, lineBytes, 16, () => {
          const dy = f.let(F32x4.load(from));
          for (const [i, column] of columns.slice(0, atOnce).entries()) {
            sums[i].set(f.fma(dy, F32x4.load(at.add(column)), sums[i]));
          }
          from.set(from.add(16));
          at.set(at.add(16));
        });
        row.set(row.add(p.strideHeight.mul(p.rowBytes)));
      });
      for (const [i, sum] of sums.entries()) f.store(to, F32.load(to, 4 * i).add(lanes(sum)), 4 * i);
      to.set(to.add(4 * atOnce));
    });
  });
}
