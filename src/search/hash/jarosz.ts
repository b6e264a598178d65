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
    boxAlongRows(x, aside, width, across);
    boxAlongColumns(aside, x, width, height, down);
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

/** The mean of the `window` values around each, of those that there are: a running sum along each row. */
function boxAlongRows(x: Float32Array, y: Float32Array, width: number, window: number): void {
  const ahead = Math.floor((window + 2) / 2) - 1;
  for (let start = 0; start < x.length; start += width) {
    let [sum, count] = [0, 0];
    for (let i = 0; i < ahead && i < width; i++, count++) sum = round(sum + x[start + i]);
    for (let i = 0; i < width; i++) {
      if (i + ahead < width) {
        sum = round(sum + x[start + i + ahead]);
        count++;
      }
      if (i + ahead >= window) {
        sum = round(sum - x[start + i + ahead - window]);
        count--;
      }
      y[start + i] = round(sum / count);
    }
  }
}

/** The same along the columns, with the sums of all columns side by side. */
function boxAlongColumns(x: Float32Array, y: Float32Array, width: number, height: number, window: number): void {
  const ahead = Math.floor((window + 2) / 2) - 1;
  const sums = new Float32Array(width);
  let count = 0;
  const add = (row: number): void => {
    for (let i = 0, at = row * width; i < width; i++, at++) sums[i] += x[at];
    count++;
  };
  for (let row = 0; row < ahead && row < height; row++) add(row);
  for (let row = 0; row < height; row++) {
    if (row + ahead < height) add(row + ahead);
    if (row + ahead >= window) {
      for (let i = 0, at = (row + ahead - window) * width; i < width; i++, at++) sums[i] -= x[at];
      count--;
    }
    for (let i = 0, at = row * width; i < width; i++, at++) y[at] = sums[i] / count;
  }
}
