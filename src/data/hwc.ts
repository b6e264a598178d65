import { ShapeError } from '../base/errors.js';
import { type NdArray, viewAs } from '../tensor/ndarray.js';
import type { ImageShape } from './dataset.js';

/** The element types that pixels come in. */
export type Pixels = Uint8Array | Uint8ClampedArray | Float32Array;

/** An image seen through strides: turning, mirroring and cropping it moves no pixel until `pixelsOf` copies the result. */
export type ImageView<T extends Pixels> = NdArray<T>;

/**
 * A view [C, H, W] of pixels that lie in that order. (The package `ndarray` compiles its view classes with `new Function`,
 * which a strict Content-Security-Policy forbids; nothing that trains or predicts needs this file.)
 */
export function viewChw<T extends Pixels>(pixels: T, shape: ImageShape): ImageView<T> {
  checkSize('viewChw', pixels, shape);
  return viewAs(pixels, shape);
}

/** A view [C, H, W] of pixels that lie color by color within each pixel (HWC), as canvases and decoders give them. */
export function viewHwc<T extends Pixels>(pixels: T, shape: ImageShape): ImageView<T> {
  checkSize('viewHwc', pixels, shape);
  const [c, h, w] = shape;
  return viewAs(pixels, [h, w, c]).transpose(2, 0, 1);
}

/** The view mirrored left and right. */
export function flipView<T extends Pixels>(view: ImageView<T>): ImageView<T> {
  return view.step(1, 1, -1);
}

/** The window of height x width whose top left corner is (top, left). Throws `ShapeError` when it sticks out. */
export function cropView<T extends Pixels>(
  view: ImageView<T>,
  top: number,
  left: number,
  height: number,
  width: number,
): ImageView<T> {
  const [c, h, w] = view.shape;
  const fits = (at: number, n: number, size: number): boolean =>
    Number.isInteger(at) && Number.isInteger(n) && at >= 0 && n >= 0 && at + n <= size;
  if (!fits(top, height, h) || !fits(left, width, w)) {
    throw new ShapeError(
      `cropView: a window of ${height} x ${width} at (${top}, ${left}) sticks out of the image of ${h} x ${w}.`,
    );
  }
  return view.lo(0, top, left).hi(c, height, width);
}

/** The pixels of a view, copied in the order of its axes: CHW for the views above. */
export function pixelsOf<T extends Pixels>(view: ImageView<T>): T {
  const [c, h, w] = view.shape;
  const [sc, sh, sw] = view.stride;
  const from = view.data;
  const pixels = new (from.constructor as new (length: number) => T)(c * h * w);
  let at = 0;
  for (let i = 0; i < c; i++) {
    for (let p = 0; p < h; p++) {
      let source = view.offset + i * sc + p * sh;
      for (let q = 0; q < w; q++, source += sw) pixels[at++] = from[source];
    }
  }
  return pixels;
}

/**
 * Reorders an image from HWC (red green blue, red green blue, ...) to CHW (all red, all green, all blue).
 *
 * @example
 * hwcToChw(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2]); // 1 4 2 5 3 6
 */
export function hwcToChw<T extends Pixels>(pixels: T, shape: ImageShape): T {
  return pixelsOf(viewHwc(pixels, shape));
}

/** The way back: CHW to HWC. `shape` is [C, H, W] in both. */
export function chwToHwc<T extends Pixels>(pixels: T, shape: ImageShape): T {
  return pixelsOf(viewChw(pixels, shape).transpose(1, 2, 0));
}

function checkSize(op: string, pixels: Pixels, shape: ImageShape): void {
  const [c, h, w] = shape;
  if (pixels.length !== c * h * w) {
    throw new ShapeError(
      `${op}: ${pixels.length} values are not an image of [${shape.join(', ')}], which needs ${c * h * w}.`,
    );
  }
}
