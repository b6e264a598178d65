const round = Math.fround;

/**
 * Shrinks a picture to `side` x `side` by a tent filter, two passes of a box along each axis, and by taking every so many-th value.
 *
 * Shapes: x [height, width] -> [side, side]; x is overwritten.
 *
 * Source: Jarosz 2001, "Fast Image Convolutions"; the windows are those of PDQ.
 */
export function shrunk(x: Float32Array, width: number, height: number, side: number): Float32Array<ArrayBuffer> {
  const [across, down] = [windowFor(width, side), windowFor(height, side)];
  const aside = new Float32Array(x.length);
  for (let pass = 0; pass < 2; pass++) {
    for (let row = 0; row < height; row++) box(x, aside, row * width, 1, width, across);
    for (let column = 0; column < width; column++) box(aside, x, column, width, height, down);
  }
  const y = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const from = Math.floor(((row + 0.5) * height) / side) * width;
    for (let column = 0; column < side; column++) {
      y[row * side + column] = x[from + Math.floor(((column + 0.5) * width) / side)];
    }
  }
  return y;
}

/** Half of a block of the small picture, rounded up: two passes make it a whole one. */
function windowFor(size: number, side: number): number {
  return Math.floor((size + 2 * side - 1) / (2 * side));
}

/** The mean of the `window` values around each, of those that there are: a running sum along a row or column. */
function box(x: Float32Array, y: Float32Array, start: number, stride: number, length: number, window: number): void {
  const ahead = Math.floor((window + 2) / 2) - 1;
  let [sum, count] = [0, 0];
  let [left, right] = [start, start];
  for (let i = 0; i < ahead && i < length; i++, right += stride, count++) sum = round(sum + x[right]);
  for (let i = 0, out = start; i < length; i++, out += stride) {
    if (i + ahead < length) {
      sum = round(sum + x[right]);
      right += stride;
      count++;
    }
    if (i + ahead >= window) {
      sum = round(sum - x[left]);
      left += stride;
      count--;
    }
    y[out] = round(sum / count);
  }
}
