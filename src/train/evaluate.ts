import type { Module } from '../layers/module.js';
import { checkOptions } from '../tensor/checkOptions.js';
import { DataError } from '../tensor/errors.js';
import { crossEntropy } from '../tensor/ops/crossEntropy.js';
import { withoutTape } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { type BatchSource, iterate, type LabelledBatch } from './batches.js';
import { ConfusionMatrix } from './confusionMatrix.js';
import { computed, type Metric } from './metric.js';
import { countTopK, predictedClasses, RunningMean } from './metrics.js';
import { pause } from './pause.js';
import type { Loss } from './trainOptions.js';
import { predictViews, type View } from './views.js';

export interface EvaluateOptions {
  /** Default `crossEntropy`. */
  loss?: Loss;
  /** Aborting it ends the measurement after the batch that runs: the result then covers what was seen. */
  signal?: AbortSignal;
  /** Test-time augmentation: the logits are the weighted mean over these views of each image. Default: the image as it is. */
  views?: readonly View[];
  /** Numbers to compute from the logits as batches go by; they start anew. */
  metrics?: Readonly<Record<string, Metric>>;
  /** Sees each batch with its logits [N, K], which are released afterwards. */
  onBatch?: (batch: LabelledBatch, logits: Tensor) => void;
}

export interface Evaluation {
  /** Images seen. */
  count: number;
  /** Means over the images. */
  loss: number;
  accuracy: number;
  /** The share with the right class among the five likeliest; only with more than five classes. */
  top5?: number;
  /** What the `metrics` came to. */
  metrics?: Record<string, number>;
  /** In the order of the data. */
  labels: Int32Array;
  predictions: Int32Array;
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
  checkOptions('evaluate', options, ['loss', 'signal', 'views', 'metrics', 'onBatch']);
  const { loss: lossOf = crossEntropy, signal, views, metrics, onBatch } = options;
  const all = Object.values(metrics ?? {});
  for (const metric of all) metric.reset();
  const loss = new RunningMean();
  const top5 = new RunningMean();
  const labels: number[] = [];
  const predictions: number[] = [];
  let classes = 0;
  const batches = iterate('evaluate', data);
  try {
    while (!signal?.aborted) {
      const { done, value: batch } = await batches.next();
      if (done) break;
      withoutTape(() => {
        const logits = views === undefined ? model.predict(batch.x) : predictViews(model, batch.x, views);
        const size = batch.labels.length;
        classes = logits.shape[1];
        loss.add(lossOf(logits, batch.labels).item(), size);
        if (classes > 5) top5.add(countTopK(logits, batch.labels, 5) / size, size);
        for (const k of predictedClasses(logits)) predictions.push(k);
        for (const k of batch.labels) labels.push(k);
        for (const metric of all) metric.update(logits, batch.labels);
        onBatch?.(batch, logits);
      });
      await pause();
    }
  } finally {
    await batches.return?.();
  }
  if (labels.length === 0 && !signal?.aborted) throw new DataError('evaluate: the data gave no batch.');
  const confusion = new ConfusionMatrix(Math.max(1, classes));
  confusion.add(labels, predictions);
  return {
    count: labels.length,
    loss: loss.value,
    accuracy: confusion.accuracy,
    ...(classes > 5 && { top5: top5.value }),
    ...(metrics && { metrics: computed(metrics) }),
    labels: Int32Array.from(labels),
    predictions: Int32Array.from(predictions),
    confusion,
  };
}
