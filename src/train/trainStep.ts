import { NonFiniteError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import type { MixedBatch } from '../data/mix.js';
import { firstNonFinite } from '../debug/nonFinite.js';
import { countRight } from '../metrics/predictedTargets.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { part } from '../tensor/ops/shape/slice.js';
import { scope } from '../tensor/scope.js';
import { withTape } from '../tensor/tape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LabeledBatch } from './batches.js';
import { checkedForward, checkOptimizerIsCurrent, checkSomethingIsTrained } from './checkModel.js';
import { classificationLoss } from './classificationLoss.js';
import type { GradientRecord } from './gradientRecord.js';
import type { TrainingRun } from './run.js';

/** What one optimizer step did. */
export interface StepRecord {
  /** Counted from 1 since the start of training. */
  step: number;
  /** Counted from 1. */
  epoch: number;
  /** Counted from 1 within the epoch, and how many there are where the source tells. */
  batch: number;
  /** How many batches the step accumulated. */
  batches: number | undefined;
  /** Images in the step. */
  size: number;
  /** Mean over the batch, before the step. */
  loss: number;
  /** Images whose largest logit was the right one; for multi-hot targets, `size` times the fraction that was right. NaN where the output is not [N, K]. */
  correct: number;
  /** The learning rate of the step. */
  learningRate: number;
}

/** The first half of a step on one batch: (1) images are mixed, (2) each part of the batch goes forward and back. */
export function computeGradients(run: TrainingRun, { x, labels }: LabeledBatch): GradientRecord {
  const { mix, microBatchSize, optimizer } = run.options;
  const size = x.shape[0];
  if (!run.isChecked) checkSomethingIsTrained(optimizer);
  run.isInStep = true;
  const [loss, correct] = scope(() => {
    const whole = mix?.({ x, labels }, randomStream('mix')) ?? { x, labels, otherLabels: labels, share: 1 };
    const sums = [0, 0];
    for (const piece of pieces(whole, microBatchSize ?? size)) {
      const [value, right] = backward(run, piece, piece.x.shape[0] / size);
      sums[0] += (value * piece.x.shape[0]) / size;
      sums[1] += right;
    }
    return sums;
  });
  return gradientRecord(run, { size, loss, correct });
}

/** Notes that the gradients of a batch are there. */
export function gradientRecord(
  run: TrainingRun,
  result: Pick<GradientRecord, 'size' | 'loss' | 'correct'>,
): GradientRecord {
  const { optimizer, train } = run.options;
  if (!run.isChecked) checkOptimizerIsCurrent(run.model, optimizer);
  run.isChecked = true;
  const parameters = [...optimizer.parameters()].filter((p) => p.requiresGrad && p.hasFreshGrad);
  const at = { step: run.step + 1, epoch: run.epoch + 1, batch: run.batch + 1, batches: train.length };
  return { ...at, ...result, parameters };
}

/** The second half: (3) the optimizer steps. */
export function takeStep(run: TrainingRun, { parameters: _, ...record }: GradientRecord): StepRecord {
  const { optimizer } = run.options;
  const { learningRate } = optimizer;
  const { loss, correct, size } = record;
  optimizer.step();
  run.loss.add(loss, size);
  run.accuracy.add(correct / size, size);
  run.batch++;
  run.step++;
  run.history.addStep(loss, learningRate);
  run.isInStep = false;
  return { ...record, learningRate };
}

/** The batch in parts of at most `most` images. */
function* pieces(whole: MixedBatch, most: number): Generator<MixedBatch> {
  const size = whole.x.shape[0];
  if (size <= most) return yield whole;
  // Multi-hot targets are several values per image.
  const each = whole.labels.length / size;
  for (let from = 0; from < size; from += most) {
    const length = Math.min(most, size - from);
    const x = part('microBatch', whole.x, 0, from, length);
    const [labels, otherLabels] = [whole.labels, whole.otherLabels].map((all) =>
      all.subarray(from * each, (from + length) * each),
    );
    yield { x, labels, otherLabels, share: whole.share };
    x.dispose();
  }
}

/** Adds `weight` times the gradient of the mean loss over `piece`. Returns that loss, and how many images were right. */
function backward(run: TrainingRun, piece: MixedBatch, weight: number): [loss: number, correct: number] {
  return withTape((tape) => {
    const output = run.isChecked ? run.model.forward(piece.x) : checkedForward(run.model, piece.x, tape);
    const loss = lossOf(run, output, piece);
    const value = loss.item();
    if (!Number.isFinite(value)) {
      // Parts before this one have left gradients.
      run.model.zeroGrad();
      throw nonFinite(run, piece.x, value);
    }
    tape.backward(weight === 1 ? loss : mul(loss, weight));
    const { metrics = {} } = run.options;
    for (const metric of Object.values(metrics)) metric.update(output, piece.labels);
    return [value, output.shape.length === 2 ? countRight(output, piece.labels) : Number.NaN];
  });
}

/** The loss of a micro-batch, mixed or not. */
export function lossOf(run: TrainingRun, output: Tensor, { labels, otherLabels, share }: MixedBatch): Tensor {
  const { labelSmoothing, loss = (logits, targets) => classificationLoss(logits, targets, { labelSmoothing }) } =
    run.options;
  if (share === 1) return loss(output, labels);
  return add(mul(loss(output, labels), share), mul(loss(output, otherLabels), 1 - share));
}

/** The error for a loss that is not finite; it names the first layer with such a value. */
export function nonFinite(run: TrainingRun, x: Tensor, value: number): NonFiniteError {
  const first = firstNonFinite(run.model, x);
  const place =
    first === null ? 'Every layer is finite, so it is the loss itself' : `The first non-finite value is in ${first}`;
  return new NonFiniteError(
    `fit: the loss became ${value} in epoch ${run.epoch + 1}, step ${run.step + 1}. ${place}. Lower the learning rate (it is ${run.options.optimizer.learningRate}), or set clipNorm.`,
  );
}
