import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** Throws unless x is a batch of images [N, channels, H, W] of at least `least` by `least` pixels. */
export function expectImages(model: string, x: Tensor, channels: number, least: number): void {
  if (x.shape.length !== 4) {
    throw new ShapeError(`${model}: x has shape ${formatShape(x.shape)}, but needs 4 axes, [N, C, H, W].`);
  }
  const [, found, height, width] = x.shape;
  if (found !== channels) {
    throw new ShapeError(
      `${model}: x ${formatShape(x.shape)} has ${found} channels, but the model was made for ${channels}. Pass inChannels=${found} to createModel.`,
    );
  }
  if (height < least || width < least) {
    throw new ShapeError(
      `${model}: x ${formatShape(x.shape)} has images of ${height}x${width} pixels, but needs at least ${least}x${least}. Enlarge them.`,
    );
  }
}

/** `channels` times `multiplier`, rounded to a whole number of at least 1. */
export function scaleWidth(channels: number, multiplier: number): number {
  return Math.max(1, Math.round(channels * multiplier));
}
