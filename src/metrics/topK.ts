import { ArgumentError, ShapeError } from '../base/errors.js';
import { atLeast0, nullable, numberField, tuple } from '../base/fields.js';
import { formatShape } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Metric } from './metric.js';
import { RunningMean } from './runningMean.js';

/**
 * The class with the largest logit for each row; the first of equal ones.
 *
 * Shapes: logits [N, K] -> N class indices.
 */
export function predictedClasses(logits: Tensor): Int32Array {
  const [rows, classes] = logitsShape('predictedClasses', logits);
  const x = logits.data;
  const predicted = new Int32Array(rows);
  for (let n = 0; n < rows; n++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (x[n * classes + k] > x[n * classes + best]) best = k;
    predicted[n] = best;
  }
  return predicted;
}

/**
 * How many rows have their label among the k largest logits. Of equal logits the first counts as larger, as in
 * `predictedClasses`; a logit that is NaN never counts as right.
 *
 * Shapes: logits [N, K], labels N class indices -> a count from 0 to N.
 *
 * Throws `ShapeError` when the number of labels is not N, `ArgumentError` for a k below 1.
 *
 * @example
 * countTopK(Tensor.from([[1, 3, 2]]), Int32Array.of(2), 2); // 1: class 2 is second best
 */
export function countTopK(logits: Tensor, labels: ArrayLike<number>, k = 1): number {
  const [rows, classes] = logitsShape('countTopK', logits);
  if (labels.length !== rows) {
    throw new ShapeError(`countTopK: ${labels.length} labels for logits ${formatShape(logits.shape)}; needs ${rows}.`);
  }
  if (!Number.isInteger(k) || k < 1) throw new ArgumentError(`countTopK: k is ${k}, but must be a whole number >= 1.`);
  const x = logits.data;
  let correct = 0;
  for (let n = 0; n < rows; n++) {
    const label = labels[n];
    const own = x[n * classes + label];
    let larger = 0;
    for (let j = 0; j < classes; j++) {
      const other = x[n * classes + j];
      // Written with "not", so that a NaN on either side counts against the row.
      if (j !== label && !(j < label ? other < own : other <= own)) larger++;
    }
    if (larger < k) correct++;
  }
  return correct;
}

/** The share of rows with their label among the k largest logits: 0 to 1, NaN for no rows. See `countTopK`. */
export function topKAccuracy(logits: Tensor, labels: ArrayLike<number>, k = 1): number {
  return countTopK(logits, labels, k) / labels.length;
}

/**
 * The share of images whose class is among the k largest logits: see `topKAccuracy`.
 *
 * @example
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { top5: new TopKAccuracy(5) } });
 */
export class TopKAccuracy implements Metric {
  readonly #mean = new RunningMean();

  constructor(/** How many of the likeliest classes count. */ readonly k = 1) {
    if (!Number.isInteger(k) || k < 1) {
      throw new ArgumentError(`TopKAccuracy: k is ${k}, but must be a whole number >= 1.`);
    }
  }

  update(logits: Tensor, labels: ArrayLike<number>): void {
    if (labels.length > 0) this.#mean.add(topKAccuracy(logits, labels, this.k), labels.length);
  }

  compute(): number {
    return this.#mean.value;
  }

  reset(): void {
    this.#mean.reset();
  }

  saveState(): { values: unknown } {
    return { values: this.#mean.state };
  }

  loadState({ values }: { values: unknown }): void {
    this.#mean.state = tuple(nullable(numberField), atLeast0)(values, 'TopKAccuracy');
  }
}

function logitsShape(who: string, logits: Tensor): [rows: number, classes: number] {
  if (logits.shape.length !== 2) {
    throw new ShapeError(`${who}: logits have shape ${formatShape(logits.shape)}, but need 2 axes, [N, K].`);
  }
  return [logits.shape[0], logits.shape[1]];
}
