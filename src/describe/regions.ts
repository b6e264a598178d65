import type { Picture } from '../classifier/picture.js';
import { cropImage } from '../images/index.js';

/** Where a classifier looks: at the whole picture, or also at its halves, where a second thing may be. */
export type Regions = 'whole' | 'halves';

/** Below this side a half has too few pixels to tell anything. */
const SMALLEST = 64;

/** The halves of a picture along its longer side. None where they would be too small. */
export function halves({ width, height, data }: Picture): Picture[] {
  const [w, h] = width >= height ? [Math.floor(width / 2), height] : [width, Math.floor(height / 2)];
  if (Math.min(w, h) < SMALLEST) return [];
  const image = { width, height, data };
  return [
    cropImage(image, { left: 0, top: 0, width: w, height: h }),
    cropImage(image, { left: width - w, top: height - h, width: w, height: h }),
  ];
}
