import { ArgumentError } from '../../base/errors.js';

/** What lies around an image: black, its mirror without the edge pixel (c b | a b c), or its edge pixel (a a | a b c). */
export type CropPadding = 'zero' | 'reflect' | 'replicate';

/** Throws unless `mode` is a `CropPadding`; returns it. */
export function checkPadding(who: string, option: string, mode: CropPadding): CropPadding {
  if (mode === 'zero' || mode === 'reflect' || mode === 'replicate') return mode;
  throw new ArgumentError(`${who}: ${option} is '${mode}', but must be one of 'zero', 'reflect', 'replicate'.`);
}

/** Which of n pixels in a row is seen at i, any whole number; -1 is outside. */
export function pixelAt(i: number, n: number, mode: CropPadding): number {
  if (i >= 0 && i < n) return i;
  if (mode === 'zero') return -1;
  if (mode === 'replicate' || n === 1) return i < 0 ? 0 : n - 1;
  const period = 2 * (n - 1);
  const k = ((i % period) + period) % period;
  return k < n ? k : period - k;
}
