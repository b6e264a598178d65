import { ArgumentError } from '../base/errors.js';
import { atLeast0, nullable, numberField, tuple } from '../base/fields.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Metric } from './metric.js';
import { RunningMean } from './runningMean.js';
import { topKAccuracy } from './topK.js';

/**
 * The share of images whose class is among the k largest logits: see `topKAccuracy`.
 *
 * @example
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { top5: new TopKAccuracy(5) } });
 */
export class TopKAccuracy implements Metric {
  readonly #mean = new RunningMean();

  constructor(readonly k = 1) {
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
