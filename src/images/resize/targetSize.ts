import { checkWhole } from '../../base/check.js';
import { ArgumentError } from '../../base/errors.js';
import type { Box } from './box.js';

/** How big the result of `resizeImage` is. */
export interface SizeOptions {
  /** Pixels. One of width and height alone keeps the aspect ratio. */
  width?: number | undefined;
  /** Pixels. */
  height?: number | undefined;
  /** The shorter side in pixels, in place of width and height; the other one keeps the aspect ratio, rounded down as torchvision does. */
  shortSide?: number | undefined;
  /**
   * What becomes of another aspect ratio than that of width and height: 'exact' stretches the image, 'fit' keeps it whole within
   * them (as Pillow's ImageOps.contain), 'crop' fills them and cuts off what sticks out on both sides (ImageOps.fit). Default 'exact'.
   */
  mode?: 'exact' | 'fit' | 'crop' | undefined;
}

/** The size of the result, and the part of the image that it shows. */
export interface Target {
  width: number;
  height: number;
  box: Box;
}

/** Python's rounding: half to even. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Throws `ArgumentError` for sizes that are missing, contradict each other or are no whole numbers. */
export function targetSize(image: { width: number; height: number }, options: SizeOptions): Target {
  const { width: w, height: h } = image;
  const { width, height, shortSide, mode = 'exact' } = options;
  const whole: Box = [0, 0, w, h];
  if (!['exact', 'fit', 'crop'].includes(mode)) {
    throw new ArgumentError(`resizeImage: mode is ${String(mode)}, but must be 'exact', 'fit' or 'crop'.`);
  }
  for (const [name, value] of Object.entries({ width, height, shortSide })) {
    if (value !== undefined) checkWhole('resizeImage', name, value, 1);
  }
  if (shortSide !== undefined) {
    if (width !== undefined || height !== undefined) {
      throw new ArgumentError('resizeImage: shortSide stands in place of width and height. Pass one or the other.');
    }
    const long = Math.max(1, Math.trunc((shortSide * Math.max(w, h)) / Math.min(w, h)));
    return w <= h ? { width: shortSide, height: long, box: whole } : { width: long, height: shortSide, box: whole };
  }
  if (width === undefined && height === undefined) {
    throw new ArgumentError('resizeImage: there is no size. Pass width and height, or shortSide.');
  }
  if (width === undefined) return { width: ofRatio(w / h, height as number), height: height as number, box: whole };
  if (height === undefined) return { width, height: ofRatio(h / w, width), box: whole };
  if (mode === 'fit') return fit(w, h, width, height);
  return { width, height, box: mode === 'crop' ? middle(w, h, width / height) : whole };
}

function ofRatio(ratio: number, side: number): number {
  return Math.max(1, roundHalfEven(ratio * side));
}

function fit(w: number, h: number, width: number, height: number): Target {
  const box: Box = [0, 0, w, h];
  if (w / h > width / height) return { width, height: ofRatio(h / w, width), box };
  return { width: ofRatio(w / h, height), height, box };
}

/** The largest part in the middle that has the aspect ratio. */
function middle(w: number, h: number, ratio: number): Box {
  const isWider = w / h >= ratio;
  const width = isWider ? ratio * h : w;
  const height = isWider ? h : w / ratio;
  const left = (w - width) * 0.5;
  const top = (h - height) * 0.5;
  return [left, top, left + width, top + height];
}
