/**
 * Unpacks run lengths (RLE8, or RLE4 with two pixels per byte) into one index per pixel, row after row as the file has them.
 *
 * Returns how many pixels the file described: fewer than `pixels.length` when it ends early.
 */
export function unpackRuns(
  bytes: Uint8Array,
  from: number,
  isRle4: boolean,
  width: number,
  pixels: Uint8Array,
): number {
  let at = from;
  let found = 0;
  let x = 0;
  while (found < pixels.length && at + 1 < bytes.length) {
    const count = bytes[at];
    const value = bytes[at + 1];
    at += 2;
    if (count > 0) {
      const run = Math.max(0, Math.min(count, width - x));
      for (let i = 0; i < run; i++) pixels[found++] = isRle4 ? (i % 2 === 0 ? value >> 4 : value & 15) : value;
      x += run;
    } else if (value === 0) {
      // The row ends; what it lacks is index 0.
      found = Math.ceil(found / width) * width;
      x = 0;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      // A jump. Pillow takes its columns and rows from the third and fourth byte; the first two would be right.
      if (at + 4 > bytes.length) break;
      found += bytes[at + 2] + bytes[at + 3] * width;
      x = found % width;
      at += 4;
    } else {
      const stored = isRle4 ? (value + 1) >> 1 : value;
      for (let i = 0; i < value && at + (isRle4 ? i >> 1 : i) < bytes.length; i++) {
        pixels[found++] = isRle4 ? (bytes[at + (i >> 1)] >> (i % 2 === 0 ? 4 : 0)) & 15 : bytes[at + i];
      }
      x += value;
      at += stored;
      at += at % 2;
    }
  }
  return Math.min(found, pixels.length);
}
