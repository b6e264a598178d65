import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitZero, slidingParameters } from './window.js';

/** Output rows that are made from one staging of their input rows. */
export const BAND = 16;

/**
 * One filter a plane. A staged row holds one phase after another: phase i has the columns i, i + stride, i + 2 stride, ... of the padded row, so
 * that four windows beside each other read four numbers beside each other, whatever the stride. `spread` puts stride - 1 zeros between the pixels of
 * the source: so the input gradient is a convolution too.
 */
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
  phaseBytes: 'i32',
} as const;

export type Shape = { [K in keyof typeof shape]: Variable<'i32'> };

/** Where column `column` of a padded row lies in its staged row. */
export function stagedColumn(f: FunctionBuilder, p: Shape, column: I32): I32 {
  const t = f.let(column);
  const place = f.let(t.div(p.strideWidth));
  return t.sub(place.mul(p.strideWidth)).mul(p.phaseBytes).add(place.shl(2));
}

/** Rows of the staging area of a plane. */
export function stagedRows(p: Shape): I32 {
  return p.outHeight.min(BAND).sub(1).mul(p.strideHeight).add(reach(p));
}

/** Copies the source rows that output rows [first, first + count) read into a frame of zeros. */
export function emitStage(f: FunctionBuilder, p: Shape, plane: I32, first: I32, count: I32, stage: I32): void {
  const top = f.let(first.mul(p.strideHeight).sub(p.padTop));
  const rows = f.let(count.sub(1).mul(p.strideHeight).add(reach(p)));
  f.if(
    p.spreadHeight.mul(p.spreadWidth).eq(1),
    () => {
      const begin = f.let(I32.of(0).sub(top).max(0).min(rows));
      const end = f.let(p.height.sub(top).max(begin).min(rows));
      // Where one band holds a whole plane, the rows around it are as the frame left them.
      f.if(p.outHeight.gt(BAND), () => {
        emitZero(f, stage, f.let(begin.mul(p.rowBytes)));
        emitZero(f, f.let(stage.add(end.mul(p.rowBytes))), f.let(rows.sub(end).mul(p.rowBytes)));
      });
      emitRows(
        f,
        p,
        f.let(plane.add(top.add(begin).mul(p.width).shl(2))),
        f.let(stage.add(begin.mul(p.rowBytes))),
        end.sub(begin),
      );
    },
    () => emitSpreadRows(f, p, plane, top, rows, stage),
  );
}

/** Rows that a window spans. */
function reach(p: Shape): I32 {
  return p.kernelHeight.sub(1).mul(p.dilationHeight).add(1);
}

/** Rows of pixels as they are, or in two phases, by whole vectors, or pixel by pixel. */
function emitRows(f: FunctionBuilder, p: Shape, plane: I32, stage: I32, count: I32): void {
  const from = f.let(plane);
  const bytes = f.let(p.width.shl(2));
  const end = f.let(stage.add(count.mul(p.rowBytes)));
  const eachRow = (first: I32, copy: (to: I32) => void): void => {
    const to = f.let(first);
    const distance = f.let(to.sub(stage));
    f.while(
      () => to.sub(distance).below(end),
      () => {
        copy(to);
        from.set(from.add(bytes));
        to.set(to.add(p.rowBytes));
      },
    );
  };
  f.if(
    p.strideWidth.eq(1),
    () =>
      eachRow(stage.add(p.padLeft.shl(2)), (to) => {
        // What is too much is overwritten by zeros.
        f.loop(0, bytes, 16, (i) => f.store(to.add(i), F32x4.load(from.add(i))));
        f.store(to.add(bytes), F32x4.of(0));
      }),
    () =>
      f.if(
        p.strideWidth.eq(2),
        () => {
          const even = f.let(stagedColumn(f, p, p.padLeft));
          const odd = f.let(stagedColumn(f, p, p.padLeft.add(1)).sub(even));
          const evenBytes = f.let(p.width.add(1).shr(1).shl(2));
          const oddEnd = f.let(odd.add(p.width.shr(1).shl(2)));
          eachRow(stage.add(even), (to) => {
            const at = f.let(from);
            f.loop(0, evenBytes, 16, (i) => {
              const [a, b] = [0, 16].map((offset) => f.let(F32x4.load(at, offset)));
              const target = f.let(to.add(i));
              f.store(target, a.shuffle(b, 0, 2, 4, 6));
              f.store(target.add(odd), a.shuffle(b, 1, 3, 5, 7));
              at.set(at.add(32));
            });
            f.store(to.add(evenBytes), F32x4.of(0));
            f.store(to.add(oddEnd), F32x4.of(0));
          });
        },
        () =>
          eachRow(stage, (to) => {
            f.loop(0, p.width, 1, (w) => {
              f.store(to.add(stagedColumn(f, p, p.padLeft.add(w))), F32.load(from.add(w.shl(2))));
            });
          }),
      ),
  );
}

/** Rows with zeros between them and between their pixels; there is one phase. */
function emitSpreadRows(f: FunctionBuilder, p: Shape, plane: I32, top: I32, rows: I32, stage: I32): void {
  const to = f.let(stage);
  const step = f.let(p.spreadWidth.shl(2));
  f.loop(0, rows, 1, (r) => {
    const h = f.let(top.add(r));
    const source = f.let(h.div(p.spreadHeight));
    f.if(
      h.ge(0).and(source.lt(p.height)).and(source.mul(p.spreadHeight).eq(h)),
      () => {
        const line = f.let(plane.add(source.mul(p.width).shl(2)));
        const target = f.let(to.add(p.padLeft.shl(2)));
        f.loop(0, p.width.shl(2), 4, (w) => {
          f.store(target, F32.load(line.add(w)));
          target.set(target.add(step));
        });
      },
      () => f.if(p.outHeight.gt(BAND), () => emitZero(f, to, p.rowBytes)),
    );
    to.set(to.add(p.rowBytes));
  });
}
