import { ArgumentError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { ConfusionMatrix } from '../confusionMatrix.js';
import type { Metric } from '../metric.js';
import { predictedClasses } from '../metrics.js';
import { type Average, averageScores, classScores, type Scores } from './classScores.js';

/**
 * Precision, recall or F1 over the classes: see `averageScores`. NaN before the first image.
 *
 * Options: `average`, default 'macro'.
 *
 * @example
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { f1: new AverageScore('f1') } });
 */
export class AverageScore implements Metric {
  readonly average: Average;
  #confusion: ConfusionMatrix | null = null;

  constructor(
    readonly score: keyof Scores,
    { average = 'macro' }: { average?: Average } = {},
  ) {
    if (!['precision', 'recall', 'f1'].includes(score)) {
      throw new ArgumentError(`AverageScore: there is no score '${score}', only 'precision', 'recall' and 'f1'.`);
    }
    if (!['macro', 'micro', 'weighted'].includes(average)) {
      throw new ArgumentError(`AverageScore: there is no average '${average}', only 'macro', 'micro' and 'weighted'.`);
    }
    this.average = average;
  }

  update(logits: Tensor, labels: ArrayLike<number>): void {
    const predicted = predictedClasses(logits);
    this.#confusion ??= new ConfusionMatrix(logits.shape[1]);
    this.#confusion.add(labels, predicted);
  }

  compute(): number {
    return this.#confusion === null
      ? Number.NaN
      : averageScores(classScores(this.#confusion), this.average)[this.score];
  }

  reset(): void {
    this.#confusion = null;
  }

  saveState(): { values: unknown } {
    return { values: this.#confusion?.toArray() ?? null };
  }

  loadState({ values }: { values: unknown }): void {
    this.#confusion = null;
    if (values === null) return;
    const rows = values as number[][];
    this.#confusion = new ConfusionMatrix(rows.length);
    this.#confusion.counts.set(rows.flat());
  }
}
