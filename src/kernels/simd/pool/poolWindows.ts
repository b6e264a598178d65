import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, F64, type I32 } from '../../../wasm/scalars.js';

/** Rows of an image `width` wide. */
export interface Rows {
  start: I32;
  end: I32;
  width: I32;
}

/** A rectangle of it. */
export interface Window extends Rows {
  left: I32;
  right: I32;
}

/** Gives `body` a pointer to each cell of a window, row by row, and how many cells it lies behind the start of the plane. */
export function toWindow(f: FunctionBuilder, plane: I32, window: Window, body: (cell: I32, at: I32) => void): void {
  f.loop(window.start, window.end, 1, (h) => {
    const row = f.let(h.mul(window.width));
    const cell = f.let(plane.add(row.add(window.left).shl(2)));
    f.loop(row.add(window.left), row.add(window.right), 1, (at) => {
      body(cell, at);
      cell.set(cell.add(4));
    });
  });
}

/** The sum of a window as a double. */
export function sumOfWindow(f: FunctionBuilder, plane: I32, window: Window): F64 {
  const sum = f.let(F64.of(0));
  toWindow(f, plane, window, (cell) => sum.set(sum.add(F32.load(cell).toF64())));
  return sum;
}

/** The first largest value of a window and where it is; a NaN is larger than all that came before it. */
export function largestInWindow(
  f: FunctionBuilder,
  plane: I32,
  window: Window,
): { best: Variable<'f32'>; at: Variable<'i32'> } {
  const best = f.let(F32.of(-Infinity)) as unknown as Variable<'f32'>;
  const place = f.let(window.start.mul(window.width).add(window.left)) as unknown as Variable<'i32'>;
  toWindow(f, plane, window, (cell, at) => {
    const v = f.let(F32.load(cell));
    f.if(v.gt(best).or(v.ne(v)), () => {
      best.set(v);
      place.set(at);
    });
  });
  return { best, at: place };
}
