import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, FormatError, ShapeError } from '../base/errors.js';
import { list, whole } from '../base/fields.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Average, averageScores, type Scores, scoresOf } from './classScores.js';
import type { Metric } from './metric.js';
import { predictedTargets } from './predictedTargets.js';
import { multiHotOf, type TargetValues } from './targets.js';

/**
 * Precision, recall or F1 over the classes: see `averageScores`. NaN before the first image. Where images have several classes, an
 * image is called what has a logit above 0; `bestThresholds` finds better bounds.
 *
 * Options: `average`, default 'macro'.
 *
 * @example
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { f1: new AverageScore('f1') } });
 */
export class AverageScore implements Metric {
  /** How the scores of the classes are averaged. */
  readonly average: Average;
  /** For each class how often it was rightly called, wrongly called and missed. */
  #counts: [right: number, wrong: number, missed: number][] = [];

  constructor(
    /** Which score is averaged. */
    readonly score: keyof Scores,
    options: { average?: Average | undefined } = {},
  ) {
    checkOptions('AverageScore', options, ['average']);
    const { average = 'macro' } = options;
    if (!['precision', 'recall', 'f1'].includes(score)) {
      throw new ArgumentError(`AverageScore: there is no score '${score}', only 'precision', 'recall' and 'f1'.`);
    }
    if (!['macro', 'micro', 'weighted'].includes(average)) {
      throw new ArgumentError(`AverageScore: there is no average '${average}', only 'macro', 'micro' and 'weighted'.`);
    }
    this.average = average;
  }

  /** Logits [N, K], and N class indices or N * K multi-hot values. `targets` says which, where it is known. */
  update(logits: Tensor, labels: TargetValues, targets: TargetValues = labels): void {
    const truth = multiHotOf('AverageScore', logits, targets);
    const called = multiHotOf('AverageScore', logits, predictedTargets(logits, targets));
    const classes = logits.shape[1];
    if (this.#counts.length === 0) this.#counts = Array.from({ length: classes }, () => [0, 0, 0]);
    if (this.#counts.length !== classes) {
      throw new ShapeError(`AverageScore: logits for ${classes} classes after others for ${this.#counts.length}.`);
    }
    for (let i = 0; i < truth.length; i++) {
      if (truth[i] + called[i] > 0) this.#counts[i % classes][called[i] === 0 ? 2 : truth[i] === 0 ? 1 : 0]++;
    }
  }

  compute(): number {
    if (this.#counts.length === 0) return Number.NaN;
    const scores = this.#counts.map((counts) => scoresOf(...counts));
    return averageScores(scores, this.average)[this.score];
  }

  reset(): void {
    this.#counts = [];
  }

  saveState(): { values: unknown } {
    return { values: this.#counts.map((counts) => [...counts]) };
  }

  loadState({ values }: { values: unknown }): void {
    const counts = list(list(whole))(values, 'AverageScore');
    if (counts.some(({ length }) => length !== 3)) {
      throw new FormatError(
        'AverageScore: a class does not have three counts, of how often it was right, wrong and missed.',
      );
    }
    this.#counts = counts as [number, number, number][];
  }
}
