import { ArgumentError, DataError } from '../base/errors.js';
import { textTable } from './textTable.js';

/** What the entries of a normalized confusion matrix are shares of: their row, their column or all images. */
export type Normalization = 'true' | 'predicted' | 'all';

/** Counts of (true class, predicted class): rows are what is there, columns what the model said. */
export class ConfusionMatrix {
  /** Row-major, [true, predicted]. */
  readonly counts: Int32Array;

  constructor(/** How many classes there are. */ readonly classes: number) {
    if (!Number.isInteger(classes) || classes < 1) {
      throw new ArgumentError(`ConfusionMatrix: classes is ${classes}, but must be a whole number >= 1.`);
    }
    this.counts = new Int32Array(classes * classes);
  }

  /** Counts pairs. Throws `DataError` for a class outside 0 to classes - 1, and then counts none of them. */
  add(labels: ArrayLike<number>, predictions: ArrayLike<number>): void {
    if (labels.length !== predictions.length) {
      throw new DataError(
        `ConfusionMatrix: ${labels.length} labels, but ${predictions.length} predictions; they go in pairs.`,
      );
    }
    for (const values of [labels, predictions]) {
      for (let i = 0; i < values.length; i++) {
        if (!Number.isInteger(values[i]) || values[i] < 0 || values[i] >= this.classes) {
          throw new DataError(`ConfusionMatrix: class ${values[i]} at place ${i} is not in 0 to ${this.classes - 1}.`);
        }
      }
    }
    for (let i = 0; i < labels.length; i++) this.counts[labels[i] * this.classes + predictions[i]]++;
  }

  /** How often `predicted` was said of what is `label`. */
  at(label: number, predicted: number): number {
    return this.counts[label * this.classes + predicted];
  }

  /** How many predictions have been counted. */
  get total(): number {
    return this.counts.reduce((sum, n) => sum + n, 0);
  }

  /** The share on the diagonal. */
  get accuracy(): number {
    let right = 0;
    for (let k = 0; k < this.classes; k++) right += this.at(k, k);
    return right / this.total;
  }

  /** Of what is class k, the share that was found; NaN when there is none. */
  recall(k: number): number {
    let row = 0;
    for (let j = 0; j < this.classes; j++) row += this.at(k, j);
    return this.at(k, k) / row;
  }

  /** Of what was called class k, the share that is; NaN when nothing was. */
  precision(k: number): number {
    let column = 0;
    for (let j = 0; j < this.classes; j++) column += this.at(j, k);
    return this.at(k, k) / column;
  }

  /** The rows, as JSON and charts want them. */
  toArray(): number[][] {
    return Array.from({ length: this.classes }, (_, k) => [
      ...this.counts.subarray(k * this.classes, (k + 1) * this.classes),
    ]);
  }

  /**
   * The counts as shares: of their row ('true': the diagonal is the recall), of their column ('predicted': the diagonal is the precision)
   * or of all. NaN in a row or column without images.
   */
  normalized(by: Normalization = 'true'): number[][] {
    const rows = this.toArray();
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    const columnSums = rows.map((_, j) => sum(rows.map((row) => row[j])));
    const { total } = this;
    return rows.map((row) => {
      const rowSum = sum(row);
      return row.map((count, j) => count / (by === 'true' ? rowSum : by === 'predicted' ? columnSums[j] : total));
    });
  }

  /**
   * The matrix as text: a line for each true class, a column for each prediction.
   *
   * Options: `classes`, their names, default their numbers; `normalize`, shows percent instead of counts, `-` for a share of nothing.
   */
  toText({
    classes,
    normalize,
  }: {
    classes?: readonly string[] | undefined;
    normalize?: Normalization | undefined;
  } = {}): string {
    const names = Array.from({ length: this.classes }, (_, k) => classes?.[k] ?? String(k));
    const percent = (share: number): string => (Number.isNaN(share) ? '-' : (100 * share).toFixed(1));
    const rows =
      normalize === undefined
        ? this.toArray().map((row) => row.map(String))
        : this.normalized(normalize).map((row) => row.map(percent));
    return textTable([['true \\ predicted', ...names], ...rows.map((row, k) => [names[k], ...row])]);
  }
}
