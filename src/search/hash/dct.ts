const round = Math.fround;

/**
 * Frequencies of a square picture, by the discrete cosine transform (DCT-II) along both sides.
 *
 * Shapes: x [size, size] -> y [count, count]; row u and column v of y have the frequencies `first` + u and `first` + v.
 *
 * Numerics: every product and sum is rounded to single precision, in this order, so that hashes are the same bits everywhere.
 */
export function lowFrequencies(x: Float32Array, size: number, count: number, first: 0 | 1): Float32Array<ArrayBuffer> {
  const cosines = cosinesOf(size, count, first);
  const tall = new Float32Array(count * size);
  for (let u = 0; u < count; u++) {
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum = round(sum + round(cosines[u * size + k] * x[k * size + column]));
      tall[u * size + column] = sum;
    }
  }
  const y = new Float32Array(count * count);
  for (let u = 0; u < count; u++) {
    for (let v = 0; v < count; v++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum = round(sum + round(tall[u * size + k] * cosines[v * size + k]));
      y[u * count + v] = sum;
    }
  }
  return y;
}

const tables = new Map<string, Float32Array>();

/** Row u: sqrt(2 / size) cos(pi / (2 size) (first + u) (2 k + 1)). */
function cosinesOf(size: number, count: number, first: number): Float32Array {
  const key = `${size} ${count} ${first}`;
  let table = tables.get(key);
  if (table === undefined) {
    const scale = round(Math.sqrt(2 / size));
    table = Float32Array.from({ length: count * size }, (_, i) => {
      const [u, k] = [Math.floor(i / size), i % size];
      return scale * Math.cos((Math.PI / 2 / size) * (first + u) * (2 * k + 1));
    });
    tables.set(key, table);
  }
  return table;
}
