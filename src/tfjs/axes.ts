import { permute } from '../tensor/ops/shape/permute.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Where an axis of Keras lies here: of three axes and more, the last is stored second. Negative ones count from the end. */
export function storedAxis(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (rank < 3 || at === 0) return at;
  return at === rank - 1 ? 1 : at + 1;
}

/** [N, C, ...] as [N, ..., C]; fewer than three axes as they are. */
export function channelsLast(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank < 3) return x;
  const [n, c, ...places] = x.shape;
  if (c === 1 || places.every((size) => size === 1)) return reshape(x, [n, ...places, c]);
  return permute(x, [0, ...places.map((_, i) => i + 2), 1]);
}

/** [N, ..., C] as [N, C, ...]; fewer than three axes as they are. */
export function channelsFirst(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank < 3) return x;
  const [n, ...places] = x.shape;
  const c = places.pop() as number;
  if (c === 1 || places.every((size) => size === 1)) return reshape(x, [n, c, ...places]);
  return permute(x, [0, rank - 1, ...places.map((_, i) => i + 1)]);
}

/** Runs what takes images on values [N, C, ...] of any number of axes: rows of pixels are images of one column. */
export function asImages(x: Tensor, run: (images: Tensor) => Tensor): Tensor {
  if (x.shape.length === 4) return run(x);
  const [n, c, first = 1, ...more] = x.shape;
  const y = run(reshape(x, [n, c, first, more.reduce((a, b) => a * b, 1)]));
  const [, channels, height] = y.shape;
  if (x.shape.length === 2) return reshape(y, [n, channels]);
  return reshape(y, [n, channels, height, ...more]);
}
