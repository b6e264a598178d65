import { NonFiniteError } from '../base/errors.js';
import { randomStream } from '../base/random.js';
import type { Targets } from '../base/targets.js';
import { firstNonFinite } from '../debug/nonFinite.js';
import { countRight } from '../metrics/predictedTargets.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { part } from '../tensor/ops/shape/slice.js';
import { scope } from '../tensor/scope.js';
import { withTape } from '../tensor/tape.js';
import type { Tensor } from '../tensor/tensor.js';
import { type LabeledBatch, targetsOf } from './batches.js';
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
export function computeGradients(run: TrainingRun, batch: LabeledBatch): GradientRecord {
  const { microBatchSize, optimizer } = run.options;
  const size = batch.x.shape[0];
  if (!run.isChecked) checkSomethingIsTrained(optimizer);
  run.isInStep = true;
  const [loss, correct] = scope(() => {
    const whole = mixedBatch(run, batch);
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

/** Images and what is true of them: share * targets + (1 - share) * otherTargets. */
export interface TrainingBatch {
  x: Tensor;
  targets: Targets;
  otherTargets: Targets;
  share: number;
}

/** The batch through the run's `mix`, if it has one. */
export function mixedBatch(run: TrainingRun, batch: LabeledBatch): TrainingBatch {
  const targets = targetsOf(batch);
  const { mix } = run.options;
  if (mix === undefined) return { x: batch.x, targets, otherTargets: targets, share: 1 };
  const { x, labels, otherLabels, share } = mix({ x: batch.x, labels: batch.labels, targets }, randomStream('mix'));
  return { x, targets: targets.with(labels), otherTargets: targets.with(otherLabels), share };
}

/** The batch in parts of at most `most` images. */
function* pieces(whole: TrainingBatch, most: number): Generator<TrainingBatch> {
  const size = whole.x.shape[0];
  if (size <= most) return yield whole;
  for (let from = 0; from < size; from += most) {
    const length = Math.min(most, size - from);
    const x = part('microBatch', whole.x, 0, from, length);
    const [targets, otherTargets] = [whole.targets, whole.otherTargets].map((all) => all.slice(from, from + length));
    yield { x, targets, otherTargets, share: whole.share };
    x.dispose();
  }
}

/** Adds `weight` times the gradient of the mean loss over `piece`. Returns that loss, and how many images were right. */
function backward(run: TrainingRun, piece: TrainingBatch, weight: number): [loss: number, correct: number] {
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
    const { targets } = piece;
    for (const metric of Object.values(metrics)) metric.update(output, targets.values, targets);
    return [value, output.shape.length === 2 ? countRight(output, targets) : Number.NaN];
  });
}

/** The loss of a micro-batch, mixed or not. */
export function lossOf(run: TrainingRun, output: Tensor, { targets, otherTargets, share }: TrainingBatch): Tensor {
  const { labelSmoothing, loss } = run.options;
  const of = (which: Targets): Tensor =>
    loss === undefined ? classificationLoss(output, which, { labelSmoothing }) : loss(output, which.values);
  if (share === 1) return of(targets);
  return add(mul(of(targets), share), mul(of(otherTargets), 1 - share));
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
