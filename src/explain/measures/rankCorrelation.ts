import { ShapeError } from '../../base/errors.js';

/**
 * How alike two maps order their pixels, -1 to 1: Spearman's rank correlation. Equal values share their mean rank.
 *
 * Throws `ShapeError` for maps of different length.
 *
 * @example
 * rankCorrelation([1, 2, 3], [10, 20, 15]); // 0.5
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new ShapeError(`rankCorrelation: the maps have ${a.length} and ${b.length} values.`);
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length - 1) / 2;
  let [product, squareX, squareY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    product += (x[i] - mean) * (y[i] - mean);
    squareX += (x[i] - mean) ** 2;
    squareY += (y[i] - mean) ** 2;
  }
  return squareX * squareY > 0 ? product / Math.sqrt(squareX * squareY) : 0;
}

function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
