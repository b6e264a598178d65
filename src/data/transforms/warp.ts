import { ArgumentError, ShapeError } from '../../base/errors.js';
import type { Image } from '../image.js';
import { type CropPadding, checkPadding, pixelAt } from './edges.js';
import type { Spare } from './spare.js';

/** How pixels are read between the pixels of an image, and outside of it. */
export interface SamplingOptions {
  /** The mean of the four pixels around, by nearness, or the nearest one. Default: 'bilinear' (in torchvision: 'nearest'). */
  interpolation?: 'bilinear' | 'nearest' | undefined;
  /** What lies around the image. Default: 'zero'. */
  padding?: CropPadding | undefined;
  /** The fill value outside the image with 'zero' padding: one for all channels, or one per channel. Default: 0. */
  fill?: number | readonly number[] | undefined;
}

export const SAMPLING_OPTIONS = ['interpolation', 'padding', 'fill'] as const;

/** An affine map of the plane about a point: shear, then scale, rotation, shift. */
export interface Placement {
  /** Degrees, clockwise. */
  angle?: number | undefined;
  /** Pixels to the right and down. */
  translate?: readonly [right: number, down: number] | undefined;
  scale?: number | undefined;
  /** Degrees by which each axis leans: x loses tan(angle) of y, then y loses tan(angle) of x. */
  shear?: readonly [x: number, y: number] | undefined;
  /** What the map leaves where it is, before the shift. */
  about?: 'center' | 'corner' | undefined;
}

/** Throws unless the options are in range. */
export function checkSampling(who: string, sampling: SamplingOptions): void {
  const { interpolation = 'bilinear', padding = 'zero', fill = 0 } = sampling;
  if (interpolation !== 'bilinear' && interpolation !== 'nearest') {
    throw new ArgumentError(`${who}: interpolation is '${interpolation}', but must be 'bilinear' or 'nearest'.`);
  }
  checkPadding(who, 'padding', padding);
  if (![fill].flat().every(Number.isFinite)) {
    throw new ArgumentError(`${who}: fill is ${JSON.stringify(fill)}, but must be finite.`);
  }
}

/**
 * The image moved as `placement` says, of the same size, in memory of `spare`: each pixel of the result is read where it came
 * from.
 *
 * Throws `ShapeError` when `fill` is a list that is not one value a channel.
 */
export function warp(image: Image, placement: Placement, sampling: SamplingOptions, spare: Spare): Image {
  const { data: x, channels, height, width } = image;
  const { interpolation = 'bilinear', padding = 'zero', fill = 0 } = sampling;
  const fills = typeof fill === 'number' ? new Array<number>(channels).fill(fill) : fill;
  if (fills.length !== channels) {
    throw new ShapeError(
      `fill has ${fills.length} values, but the image has ${channels} channels. Give one a channel, or a number.`,
    );
  }
  const y = spare.beside(x);
  const plane = height * width;
  // Coordinates are those of the pixels' centers from the middle of the image.
  const [midX, midY] = [(width - 1) / 2, (height - 1) / 2];
  const [a, b, c, d, e, f] = inverse(placement, width, height);
  const isNearest = interpolation === 'nearest';
  for (let p = 0; p < height; p++) {
    for (let q = 0; q < width; q++) {
      const fromX = a * (q - midX) + b * (p - midY) + c + midX;
      const fromY = d * (q - midX) + e * (p - midY) + f + midY;
      const to = p * width + q;
      // (1) The pixel up and to the left, or the nearest, and how far it is from there.
      const left = isNearest ? Math.round(fromX) : Math.floor(fromX);
      const top = isNearest ? Math.round(fromY) : Math.floor(fromY);
      const right = isNearest ? 0 : fromX - left;
      const down = isNearest ? 0 : fromY - top;
      // (2) The four pixels around; -1 is outside.
      const x0 = pixelAt(left, width, padding);
      const y0 = pixelAt(top, height, padding);
      const x1 = right === 0 ? x0 : pixelAt(left + 1, width, padding);
      const y1 = down === 0 ? y0 : pixelAt(top + 1, height, padding);
      const i00 = x0 < 0 || y0 < 0 ? -1 : y0 * width + x0;
      const i01 = x1 < 0 || y0 < 0 ? -1 : y0 * width + x1;
      const i10 = x0 < 0 || y1 < 0 ? -1 : y1 * width + x0;
      const i11 = x1 < 0 || y1 < 0 ? -1 : y1 * width + x1;
      // (3) Their mean in each channel.
      for (let channel = 0; channel < channels; channel++) {
        const at = channel * plane;
        const outside = fills[channel];
        const v00 = i00 < 0 ? outside : x[at + i00];
        const v01 = i01 < 0 ? outside : x[at + i01];
        const v10 = i10 < 0 ? outside : x[at + i10];
        const v11 = i11 < 0 ? outside : x[at + i11];
        const upper = v00 + (v01 - v00) * right;
        y[at + to] = upper + (v10 + (v11 - v10) * right - upper) * down;
      }
    }
  }
  return { data: y, channels, height, width };
}

/** From a place in the result to the place in the image: [x, y] = [a b; d e] [q, p] + [c, f]. */
function inverse(placement: Placement, width: number, height: number): readonly number[] {
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0], about = 'center' } = placement;
  const turn = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [tanX, tanY] = [Math.tan((shear[0] * Math.PI) / 180), Math.tan((shear[1] * Math.PI) / 180)];
  // Forward: rotation [cos -sin; sin cos] times shear [1 0; -tanY 1] times shear [1 -tanX; 0 1].
  const [m00, m10] = [cos + sin * tanY, sin - cos * tanY];
  const [m01, m11] = [-sin - m00 * tanX, cos - m10 * tanX];
  // Its determinant is 1, so that its inverse is [m11 -m01; -m10 m00]; then the scale.
  const [a, b, d, e] = [m11 / scale, -m01 / scale, -m10 / scale, m00 / scale];
  const [fixedX, fixedY] = about === 'corner' ? [-width / 2, -height / 2] : [0, 0];
  const [x, y] = [fixedX + translate[0], fixedY + translate[1]];
  return [a, b, fixedX - a * x - b * y, d, e, fixedY - d * x - e * y];
}
