import { ArgumentError, ShapeError } from '../base/errors.js';

/** What a network gives for N pictures: logits [N, K], row by row. */
export interface Scores {
  /** Row-major [N, K]. */
  readonly logits: ArrayLike<number>;
  /** How many classes there are, K. */
  readonly classes: number;
}

/** Bounds of the temperatures that are tried, as natural logarithms. */
const COLDEST = Math.log(0.02);
const HOTTEST = Math.log(50);
const STEPS = 80;

/**
 * The temperature T > 0 for which softmax(logits / T) has the least mean cross-entropy: one number, which changes no ranking.
 *
 * Shapes: logits [N, K], labels N class numbers.
 *
 * Numerics: the cross-entropy is convex in 1 / T, so golden-section search over log T finds the minimum, between 0.02 and 50.
 *
 * Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
 *
 * @example
 * fitTemperature({ logits: [4, 0, 0, 4, 4, 0, 0, 4], classes: 2 }, [0, 1, 0, 0]); // above 1: three of four were right, but all were sure
 */
export function fitTemperature(scores: Scores, labels: ArrayLike<number>): number {
  const count = rowsOf('fitTemperature', scores, labels.length);
  const { logits, classes } = scores;
  return goldenSection((temperature) => {
    let sum = 0;
    for (let n = 0; n < count; n++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[n * classes + k]);
      let total = 0;
      for (let k = 0; k < classes; k++) total += Math.exp((logits[n * classes + k] - largest) / temperature);
      sum += Math.log(total) - (logits[n * classes + labels[n]] - largest) / temperature;
    }
    return sum;
  });
}

/**
 * The same for yes-or-no answers: the least mean of log(1 + exp(-z / T)) over logits z, with its sign turned where the mark is 0.
 *
 * Shapes: logits and marks N * K numbers.
 */
export function fitBinaryTemperature(logits: ArrayLike<number>, marks: ArrayLike<number>): number {
  if (logits.length !== marks.length || logits.length === 0) {
    throw new ShapeError(`fitBinaryTemperature: ${marks.length} marks for ${logits.length} logits.`);
  }
  return goldenSection((temperature) => {
    let sum = 0;
    for (let i = 0; i < logits.length; i++) {
      const z = (marks[i] === 0 ? 1 : -1) * (logits[i] / temperature);
      // log(1 + exp(z)) without overflow.
      sum += Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z)));
    }
    return sum;
  });
}

function goldenSection(lossAt: (temperature: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [COLDEST, HOTTEST];
  let [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [lossA, lossB] = [lossAt(Math.exp(a)), lossAt(Math.exp(b))];
  for (let i = 0; i < STEPS; i++) {
    if (lossA <= lossB) {
      [high, b, lossB] = [b, a, lossA];
      a = high - ratio * (high - low);
      lossA = lossAt(Math.exp(a));
    } else {
      [low, a, lossA] = [a, b, lossB];
      b = low + ratio * (high - low);
      lossB = lossAt(Math.exp(b));
    }
  }
  const temperature = Math.exp((low + high) / 2);
  if (!Number.isFinite(lossAt(temperature))) {
    throw new ArgumentError('fitTemperature: the logits hold values that are NaN or infinite.');
  }
  return temperature;
}

/** The number of rows of the scores. Throws `ShapeError` unless there are as many labels. */
export function rowsOf(who: string, { logits, classes }: Scores, labels: number): number {
  const count = logits.length / classes;
  if (Number.isInteger(count) && count === labels && count > 0) return count;
  throw new ShapeError(`${who}: ${logits.length} logits of ${classes} classes do not fit ${labels} labels.`);
}
