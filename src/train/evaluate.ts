import { checkOptions } from '../base/checkOptions.js';
import { DataError } from '../base/errors.js';
import type { Targets } from '../base/targets.js';
import { pause } from '../data/pause.js';
import type { Module } from '../layers/module.js';
import { ConfusionMatrix } from '../metrics/confusionMatrix.js';
import { computed, type Metric } from '../metrics/metric.js';
import { predictedTargets } from '../metrics/predictedTargets.js';
import { RunningMean } from '../metrics/runningMean.js';
import { targetsFor } from '../metrics/targets.js';
import { countTopK } from '../metrics/topK.js';
import { withoutTape } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { type BatchSource, iterate, type LabeledBatch, targetsOf } from './batches.js';
import { classificationLoss } from './classificationLoss.js';
import type { Loss } from './trainOptions.js';
import { predictViews, type View } from './views.js';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Default `classificationLoss`: `crossEntropy`, or for images of several classes `binaryCrossEntropyWithLogits`. */
  loss?: Loss | undefined;
  /** Aborting it ends the measurement after the batch that runs: the result then covers what was seen. */
  signal?: AbortSignal | undefined;
  /** Test-time augmentation: the logits are the weighted mean over these views of each image. Default: the image as it is. */
  views?: readonly View[] | undefined;
  /** Numbers to compute from the logits as batches go by; they start anew. */
  metrics?: Readonly<Record<string, Metric>> | undefined;
  /** Sees each batch with its logits [N, K], which are released afterwards. */
  onBatch?: ((batch: LabeledBatch, logits: Tensor) => void) | undefined;
}

/** What `evaluate` measured. */
export interface Evaluation {
  /** Images seen. */
  count: number;
  /** Mean over the images. */
  loss: number;
  /** The fraction of images that are right; for multi-hot targets, of values. */
  accuracy: number;
  /** The share with the right class among the five likeliest; only with more than five classes, and one an image. */
  top5?: number | undefined;
  /** What the `metrics` came to. */
  metrics?: Record<string, number> | undefined;
  /** In the order of the data: N class indices, or N * K multi-hot values where images have several classes; such a value is predicted as 1 where its logit is above 0. */
  labels: Int32Array;
  /** What the model predicted, in the same order and form as `labels`. */
  predictions: Int32Array;
  /** Of the classes; for multi-hot targets, of 0 and 1. `multiLabelScores(predictions, labels, K)` then tells more. */
  confusion: ConfusionMatrix;
}

/**
 * Measures a classifier on all batches of `data`, in evaluation mode and without a tape: memory stays that of one batch. The
 * model's mode is restored after each batch.
 *
 * Shapes: the model gives logits [N, K].
 *
 * Throws `DataError` when there is no batch.
 *
 * @example
 * const { accuracy } = await evaluate(model, new DataLoader(testSet, { batchSize: 250 }));
 */
export async function evaluate(model: Module, data: BatchSource, options: EvaluateOptions = {}): Promise<Evaluation> {
  return evaluateWith((part) => part(), model, data, options);
}

/** `evaluate`, whose parts between two awaits are run by `within`: with the random streams of a training run, say. */
export async function evaluateWith(
  within: <T>(part: () => T) => T,
  model: Module,
  data: BatchSource,
  options: EvaluateOptions,
): Promise<Evaluation> {
  checkOptions('evaluate', options, ['loss', 'signal', 'views', 'metrics', 'onBatch']);
  const { signal, onBatch } = options;
  const scores = new Scores(options);
  const batches = within(() => iterate('evaluate', data));
  try {
    while (!signal?.aborted) {
      const { done, value: batch } = await within(() => batches.next());
      if (done) break;
      const measure = (): void => {
        const logits = logitsOf(model, batch.x, options);
        scores.add(logits, targetsOf(batch));
        onBatch?.(batch, logits);
      };
      within(() => withoutTape(measure));
      await pause();
    }
  } finally {
    await batches.return?.();
  }
  return scores.result(signal?.aborted ?? false);
}

/** The logits of a batch, through the `views` if there are any. */
export function logitsOf(model: Module, x: Tensor, { views }: EvaluateOptions): Tensor {
  return views === undefined ? model.predict(x) : predictViews(model, x, views);
}

/** What the batches of an evaluation add up to. */
export class Scores {
  readonly #metrics: readonly Metric[];
  readonly #loss = new RunningMean();
  readonly #top5 = new RunningMean();
  readonly #labels: number[] = [];
  readonly #predictions: number[] = [];
  #images = 0;
  #classes = 1;
  #oneEach = true;

  constructor(readonly options: EvaluateOptions) {
    this.#metrics = Object.values(options.metrics ?? {});
    for (const metric of this.#metrics) metric.reset();
  }

  add(logits: Tensor, given: Targets): void {
    const { loss } = this.options;
    const size = logits.shape[0];
    this.#images += size;
    const targets = targetsFor('evaluate', logits, given);
    const { values } = targets;
    this.#oneEach = targets.kind === 'classIndices';
    this.#classes = this.#oneEach ? logits.shape[1] : 2;
    this.#loss.add((loss === undefined ? classificationLoss(logits, targets) : loss(logits, values)).item(), size);
    if (this.#hasTop5) this.#top5.add(countTopK(logits, values, 5) / size, size);
    for (const k of predictedTargets(logits, targets)) this.#predictions.push(k);
    for (const k of values) this.#labels.push(k);
    for (const metric of this.#metrics) metric.update(logits, values, targets);
  }

  /** Throws `DataError` when there was no batch, unless it was `aborted`. */
  result(aborted: boolean): Evaluation {
    if (this.#images === 0 && !aborted) throw new DataError('evaluate: the data gave no batch.');
    const confusion = new ConfusionMatrix(this.#classes);
    confusion.add(this.#labels, this.#predictions);
    const { metrics } = this.options;
    return {
      count: this.#images,
      loss: this.#loss.value,
      accuracy: confusion.accuracy,
      ...(this.#hasTop5 && { top5: this.#top5.value }),
      ...(metrics && { metrics: computed(metrics) }),
      labels: Int32Array.from(this.#labels),
      predictions: Int32Array.from(this.#predictions),
      confusion,
    };
  }

  get #hasTop5(): boolean {
    return this.#oneEach && this.#classes > 5;
  }
}
