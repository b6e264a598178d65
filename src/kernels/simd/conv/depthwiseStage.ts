import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitZero, slidingParameters } from './window.js';

/** Output rows that are made from one staging of their input rows. */
export const BAND = 16;

/** One filter a plane. `spread` puts stride - 1 zeros between the pixels of the source: so the input gradient is a convolution too. */
export const shape = {
  sourceChannels: 'i32',
  height: 'i32',
  width: 'i32',
  targetChannels: 'i32',
  ...slidingParameters,
  dilationHeight: 'i32',
  dilationWidth: 'i32',
  spreadHeight: 'i32',
  spreadWidth: 'i32',
  scratch: 'i32',
  scratchBytes: 'i32',
  rowBytes: 'i32',
} as const;

export type Shape = { [K in keyof typeof shape]: Variable<'i32'> };

/** Copies the source rows that output rows [first, first + count) read, spread out and padded with zeros. */
export function emitStage(f: FunctionBuilder, p: Shape, plane: I32, first: I32, count: I32, stage: I32): void {
  const top = f.let(first.mul(p.strideHeight).sub(p.padTop));
  const rows = f.let(count.sub(1).mul(p.strideHeight).add(p.kernelHeight.sub(1).mul(p.dilationHeight)).add(1));
  const to = f.let(stage);
  const left = f.let(p.padLeft.shl(2));
  const eachRow = (copy: (h: I32) => void): void => {
    f.loop(0, rows, 1, (r) => {
      copy(f.let(top.add(r)));
      to.set(to.add(p.rowBytes));
    });
  };
  f.if(
    p.spreadHeight.eq(1).and(p.spreadWidth.eq(1)),
    () => {
      const widthBytes = f.let(p.width.shl(2));
      const behind = f.let(p.rowBytes.sub(left).sub(widthBytes));
      eachRow((h) => {
        f.if(
          h.below(p.height),
          () => {
            const line = f.let(plane.add(h.mul(widthBytes)));
            const target = f.let(to.add(left));
            emitZero(f, to, left);
            // Whole vectors: what is too much is overwritten by the zeros behind.
            f.loop(0, widthBytes, 16, (i) => f.store(target.add(i), F32x4.load(line.add(i))));
            emitZero(f, target.add(widthBytes), behind);
          },
          () => emitZero(f, to, p.rowBytes),
        );
      });
    },
    () => eachRow((h) => emitSpreadRow(f, p, plane, h, to)),
  );
}

/** One row with zeros between its pixels; all zeros where h lies between rows or outside. */
function emitSpreadRow(f: FunctionBuilder, p: Shape, plane: I32, h: I32, to: I32): void {
  const source = f.let(h.div(p.spreadHeight));
  const inside = h.ge(0).and(source.lt(p.height)).and(source.mul(p.spreadHeight).eq(h));
  emitZero(f, to, p.rowBytes);
  f.if(inside, () => {
    const line = f.let(plane.add(source.mul(p.width).shl(2)));
    const target = f.let(to.add(p.padLeft.shl(2)));
    f.loop(0, p.width, 1, (w) => {
      f.store(target.add(w.mul(p.spreadWidth).shl(2)), F32.load(line.add(w.shl(2))));
    });
  });
}
