import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, FormatError, ShapeError } from '../base/errors.js';
import { atLeast0, list } from '../base/fields.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Metric } from './metric.js';
import { predictedClasses } from './topK.js';

/** The images whose confidence lies in (from, to]. */
export interface ReliabilityBin {
  /** The lower bound of the confidence, exclusive. */
  from: number;
  /** The upper bound of the confidence, inclusive. */
  to: number;
  /** How many images the bin has. */
  count: number;
  /** Means over the bin's images; NaN without any. */
  confidence: number;
  /** The share of the bin's images that were predicted correctly. */
  accuracy: number;
}

/**
 * Expected calibration error: how far the confidence of a prediction, its largest softmax probability, is from the share of predictions
 * that are right: sum over bins of (count / N) |accuracy - confidence|.
 *
 * Options: `bins` of equal width, (i / bins, (i + 1) / bins], default 15.
 *
 * Numerics: softmax and sums in doubles. NaN for no images, or when a logit is NaN.
 *
 * Source: Guo et al. 2017, arXiv:1706.04599, equation 3.
 *
 * @example
 * const calibration = new Calibration();
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { calibration } });
 */
export class Calibration implements Metric {
  /** How many bins the interval from 0 to 1 is split into. */
  readonly bins: number;
  #counts: number[] = [];
  #confidence: number[] = [];
  #right: number[] = [];

  constructor(options: { bins?: number | undefined } = {}) {
    checkOptions('Calibration', options, ['bins']);
    const { bins = 15 } = options;
    if (!Number.isInteger(bins) || bins < 1) {
      throw new ArgumentError(`Calibration: bins is ${bins}, but must be a whole number >= 1.`);
    }
    this.bins = bins;
    this.reset();
  }

  /** Logits [N, K] and N class indices. */
  update(logits: Tensor, labels: ArrayLike<number>): void {
    const predicted = predictedClasses(logits);
    if (labels.length !== predicted.length) {
      throw new ShapeError(`Calibration: ${labels.length} labels for ${predicted.length} rows of logits.`);
    }
    const classes = logits.shape[1];
    const x = logits.data;
    for (let n = 0; n < predicted.length; n++) {
      const largest = x[n * classes + predicted[n]];
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += Math.exp(x[n * classes + k] - largest);
      const confidence = 1 / sum;
      const bin = Number.isNaN(confidence) ? 0 : Math.max(0, Math.ceil(confidence * this.bins) - 1);
      this.#counts[bin]++;
      this.#confidence[bin] += confidence;
      if (predicted[n] === labels[n]) this.#right[bin]++;
    }
  }

  compute(): number {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const gaps = this.#counts.map((_, i) => Math.abs(this.#right[i] - this.#confidence[i]));
    return gaps.reduce((sum, gap) => sum + gap, 0) / total;
  }

  /** What a reliability diagram draws. */
  reliability(): ReliabilityBin[] {
    return this.#counts.map((count, i) => ({
      from: i / this.bins,
      to: (i + 1) / this.bins,
      count,
      confidence: this.#confidence[i] / count,
      accuracy: this.#right[i] / count,
    }));
  }

  reset(): void {
    const zeros = (): number[] => new Array<number>(this.bins).fill(0);
    [this.#counts, this.#confidence, this.#right] = [zeros(), zeros(), zeros()];
  }

  saveState(): { values: unknown } {
    return { values: [this.#counts, this.#confidence, this.#right] };
  }

  loadState({ values }: { values: unknown }): void {
    // JSON made null of NaN, which the confidence is once a logit was.
    const sums = list(list<number>((value, name) => (value === null ? Number.NaN : atLeast0(value, name))))(
      values,
      'Calibration',
    );
    if (sums.length !== 3 || sums.some(({ length }) => length !== this.bins)) {
      throw new FormatError(`Calibration: the state is not of ${this.bins} bins with three sums each.`);
    }
    [this.#counts, this.#confidence, this.#right] = sums;
  }
}

/**
 * The `Calibration` of these logits.
 *
 * Shapes: logits [N, K], labels N class indices -> 0 to 1.
 */
export function expectedCalibrationError(
  logits: Tensor,
  labels: ArrayLike<number>,
  options: { bins?: number | undefined } = {},
): number {
  checkOptions('expectedCalibrationError', options, ['bins']);
  const error = new Calibration(options);
  error.update(logits, labels);
  return error.compute();
}
