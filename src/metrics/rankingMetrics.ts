import { FormatError, ShapeError } from '../base/errors.js';
import { list, numberField, object, whole } from '../base/fields.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Metric } from './metric.js';
import { averagePrecision, meanOverClasses, type RankingMeasure, rocAuc } from './ranking.js';
import { multiHotOf, type TargetValues } from './targets.js';

/** A ranking needs all scores at once, so it keeps a number and a target for each. */
class RankingMetric implements Metric {
  #classes = 1;
  #scores: number[] = [];
  #targets: number[] = [];

  constructor(
    readonly name: string,
    readonly measure: RankingMeasure,
  ) {}

  /** Logits [N, K], and N class indices or N * K multi-hot values. `targets` says which, where it is known. */
  update(logits: Tensor, labels: TargetValues, targets: TargetValues = labels): void {
    const multiHot = multiHotOf(this.name, logits, targets);
    const classes = logits.shape[1];
    if (this.#scores.length > 0 && classes !== this.#classes) {
      throw new ShapeError(`${this.name}: logits for ${classes} classes after others for ${this.#classes}.`);
    }
    this.#classes = classes;
    for (const score of logits.data) this.#scores.push(score);
    for (const target of multiHot) this.#targets.push(target);
  }

  compute(): number {
    return meanOverClasses(this.#scores, this.#targets, this.#classes, this.measure);
  }

  reset(): void {
    this.#scores = [];
    this.#targets = [];
  }

  saveState(): { values: unknown } {
    return { values: { classes: this.#classes, scores: [...this.#scores], targets: [...this.#targets] } };
  }

  loadState({ values }: { values: unknown }): void {
    const { classes, scores, targets } = stateFields(renamed(values), this.name);
    if (classes < 1 || scores.length !== targets.length || scores.length % classes !== 0) {
      throw new FormatError(
        `${this.name}: ${scores.length} scores and ${targets.length} targets are not of ${classes} classes.`,
      );
    }
    this.#classes = classes;
    this.#scores = scores;
    this.#targets = targets;
  }
}

/** In older checkpoints, the targets are called `marks`. */
function renamed(values: unknown): unknown {
  if (typeof values !== 'object' || values === null || !('marks' in values)) return values;
  const { marks, ...others } = values;
  return { targets: marks, ...others };
}

const stateFields = object<{ classes: number; scores: number[]; targets: number[] }>({
  classes: whole,
  // JSON made null of what is not finite.
  scores: list((value, name) => (value === null ? Number.NaN : numberField(value, name))),
  targets: list(whole),
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
