import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { BAND, emitStage, type Shape, shape } from './depthwiseStage.js';
import { emitColumns, emitTaps, emitVariants, type WindowKind } from './depthwiseWindows.js';
import { emitCopy } from './window.js';

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
          const band = { stage, gradients, lineBytes, count };
          emitVariants(f, p, (window) => {
            if (window.taps === 3) emitNineTaps(f, p, band, window, totals);
            else emitTapRows(f, p, band, window, f.let(p.dw.add(o.mul(taps).shl(2))));
          });
        });
      });
      f.if(p.kernelHeight.eq(3).and(p.kernelWidth.eq(3)), () => {
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
  { stage, gradients, lineBytes, count }: Band,
  window: WindowKind,
  totals: readonly Variable<'f32x4'>[],
): void {
  const step = f.let(p.strideWidth.shl(2));
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const columns = emitColumns(f, p, 3);
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
        emitTaps(f, window, line, columns, step).forEach((x, s) => {
          sums[3 * r + s].set(f.fma(dy, x, sums[3 * r + s]));
        });
      }
      from.set(from.add(16));
      at.set(at.add(step.shl(2)));
    });
    row.set(row.add(p.strideHeight.mul(p.rowBytes)));
  });
  totals.forEach((total, i) => {
    total.set(total.add(sums[i]));
  });
}

/** A row of five taps after another, which are summed at once; of any other filter one tap after another. */
function emitTapRows(
  f: FunctionBuilder,
  p: Shape,
  { stage, gradients, lineBytes, count }: Band,
  window: WindowKind,
  dw: I32,
): void {
  const step = f.let(p.strideWidth.shl(2));
  const atOnce = window.taps === 5 ? 5 : 1;
  const columns = emitColumns(f, p, atOnce);
  const to = f.let(dw);
  f.loop(0, p.kernelHeight, 1, (r) => {
    f.loop(0, p.kernelWidth, atOnce, (s) => {
      const sums = columns.map(() => f.let(F32x4.of(0)));
      const row = f.let(stage.add(r.mul(p.dilationHeight).mul(p.rowBytes)).add(s.mul(p.dilationWidth).shl(2)));
      const from = f.let(gradients);
      f.loop(0, count, 1, () => {
        const at = f.let(row);
        f.loop(0, lineBytes, 16, () => {
          const dy = f.let(F32x4.load(from));
          emitTaps(f, window, at, columns, step).forEach((x, i) => {
            sums[i].set(f.fma(dy, x, sums[i]));
          });
          from.set(from.add(16));
          at.set(at.add(step.shl(2)));
        });
        row.set(row.add(p.strideHeight.mul(p.rowBytes)));
      });
      for (const [i, sum] of sums.entries()) f.store(to, F32.load(to, 4 * i).add(lanes(sum)), 4 * i);
      to.set(to.add(4 * atOnce));
    });
  });
}
