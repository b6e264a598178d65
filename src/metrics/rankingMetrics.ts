import { FormatError, ShapeError } from '../base/errors.js';
import { list, numberField, object, whole } from '../base/fields.js';
import type { Tensor } from '../tensor/tensor.js';
import { marksOf, type Targets } from './marks.js';
import type { Metric } from './metric.js';
import { averagePrecision, meanOverClasses, type RankingMeasure, rocAuc } from './ranking.js';

/** A ranking needs all scores at once, so it keeps a number and a mark for each. */
class RankingMetric implements Metric {
  #classes = 1;
  #scores: number[] = [];
  #marks: number[] = [];

  constructor(
    readonly name: string,
    readonly measure: RankingMeasure,
  ) {}

  /** Logits [N, K], and N class numbers or N * K marks. */
  update(logits: Tensor, targets: Targets): void {
    const marks = marksOf(this.name, logits, targets);
    const classes = logits.shape[1];
    if (this.#scores.length > 0 && classes !== this.#classes) {
      throw new ShapeError(`${this.name}: logits for ${classes} classes after others for ${this.#classes}.`);
    }
    this.#classes = classes;
    for (const score of logits.data) this.#scores.push(score);
    for (const mark of marks) this.#marks.push(mark);
  }

  compute(): number {
    return meanOverClasses(this.#scores, this.#marks, this.#classes, this.measure);
  }

  reset(): void {
    this.#scores = [];
    this.#marks = [];
  }

  saveState(): { values: unknown } {
    return { values: { classes: this.#classes, scores: [...this.#scores], marks: [...this.#marks] } };
  }

  loadState({ values }: { values: unknown }): void {
    const { classes, scores, marks } = stateFields(values, this.name);
    if (classes < 1 || scores.length !== marks.length || scores.length % classes !== 0) {
      throw new FormatError(
        `${this.name}: ${scores.length} scores and ${marks.length} marks are not of ${classes} classes.`,
      );
    }
    this.#classes = classes;
    this.#scores = scores;
    this.#marks = marks;
  }
}

const stateFields = object<{ classes: number; scores: number[]; marks: number[] }>({
  classes: whole,
  // JSON made null of what is not finite.
  scores: list((value, name) => (value === null ? Number.NaN : numberField(value, name))),
  marks: list(whole),
});

/**
 * `meanAveragePrecision` of all scores seen.
 *
 * @example
 * await fit(model, { train, validation, optimizer, epochs: 10, metrics: { mAP: new MeanAveragePrecision() } });
 */
export class MeanAveragePrecision extends RankingMetric {
  constructor() {
    super('MeanAveragePrecision', averagePrecision);
  }
}

/** `meanRocAuc` of all scores seen. */
export class MeanRocAuc extends RankingMetric {
  constructor() {
    super('MeanRocAuc', rocAuc);
  }
}
