import { firstNonFinite } from '../debug/nonFinite.js';
import type { Module } from '../layers/module.js';
import { clipGradNorm } from '../optim/clip.js';
import { DataError, NonFiniteError } from '../tensor/errors.js';
import { crossEntropy } from '../tensor/ops/crossEntropy.js';
import { randomState, restoreRandomState } from '../tensor/random.js';
import { withTape } from '../tensor/tape.js';
import { iterate, type LabelledBatch } from './batches.js';
import { evaluate } from './evaluate.js';
import type { EndReason, EpochRecord } from './history.js';
import { countTopK } from './metrics.js';
import { pause } from './pause.js';
import { type Stateful, TrainingRun, type TrainOptions } from './run.js';

/** What one optimiser step did. */
export interface StepRecord {
  /** Counted from 1 since the start of training. */
  step: number;
  /** Counted from 1. */
  epoch: number;
  /** Counted from 1 within the epoch, and how many there are where the source tells. */
  batch: number;
  batches: number | undefined;
  size: number;
  /** Mean over the batch, before the step. */
  loss: number;
  /** Images whose largest logit was the right one; NaN where the output is not [N, K]. */
  correct: number;
  learningRate: number;
}

/** What happens in training, in order; each event carries the run, which can be asked, saved and stopped. */
export type TrainEvent = { run: TrainingRun } & (
  | { type: 'trainStart' }
  | { type: 'epochStart'; epoch: number }
  | { type: 'step'; step: StepRecord }
  | { type: 'epochEnd'; record: EpochRecord }
  | { type: 'trainEnd'; reason: EndReason }
);

/**
 * Trains `model` and yields every event, so that a program of its own can drive it; `fit` does for callbacks.
 *
 * Each step: a tape opens, forward, loss, backward, optimiser, the tape closes. Between steps the event loop turns once. Leave
 * the loop and training stops; the model is left in evaluation mode.
 *
 * Throws `NonFiniteError` when the loss is NaN or infinite, before the step that would spoil the weights; `DataError` when
 * the training data is empty.
 *
 * @example
 * for await (const event of train(model, { train: loader, optimizer, epochs: 10 })) {
 *   if (event.type === 'epochEnd') console.log(event.record.loss);
 * }
 */
export async function* train(
  model: Module,
  options: TrainOptions,
  callbacks: readonly Stateful[] = [],
): AsyncGenerator<TrainEvent, void> {
  const run = new TrainingRun(model, options, callbacks);
  try {
    yield { type: 'trainStart', run };
    while (run.epoch < options.epochs && run.ending === null) {
      yield { type: 'epochStart', run, epoch: run.epoch + 1 };
      yield* runEpoch(run);
      const record = run.ending === null ? await finishEpoch(run) : null;
      if (record !== null) yield { type: 'epochEnd', run, record };
    }
    const reason: EndReason = run.epoch < options.epochs ? (run.ending ?? 'done') : 'done';
    run.history.endReason = reason;
    yield { type: 'trainEnd', run, reason };
  } finally {
    model.eval();
  }
}

/** The steps of the present epoch that are not behind us yet. */
async function* runEpoch(run: TrainingRun): AsyncGenerator<TrainEvent, void> {
  const { train: source, schedule, optimizer } = run.options;
  // Resumed when only the validation was missing.
  if (source.length !== undefined && source.length > 0 && run.batch >= source.length) return;
  const started = performance.now() - 1000 * run.seconds;
  const batches = iterate('fit', source);
  try {
    if (run.batch === 0) run.epochRandom = randomState();
    else if (source.restore === undefined) await skip(run, batches);
    while (run.ending === null) {
      const { done, value: batch } = await batches.next();
      if (done) break;
      if (schedule !== undefined) optimizer.learningRate = schedule(run.step);
      run.model.train();
      const step = trainStep(run, batch);
      run.seconds = (performance.now() - started) / 1000;
      yield { type: 'step', run, step };
      await pause();
    }
  } finally {
    await batches.return?.();
  }
  if (run.batch === 0 && run.ending === null) {
    throw new DataError('fit: the training data gave no batch. An empty data set, or dropLast with too few images?');
  }
}

/** Gets a source that cannot restore its place to where the checkpoint was: the epoch's random draws are made again. */
async function skip(run: TrainingRun, batches: ReturnType<typeof iterate>): Promise<void> {
  const now = randomState();
  restoreRandomState(run.epochRandom);
  for (let i = 0; i < run.batch; i++) await batches.next();
  restoreRandomState(now);
}

function trainStep(run: TrainingRun, { x, labels }: LabelledBatch): StepRecord {
  const { model, options } = run;
  const { optimizer, clipNorm, loss: lossOf = crossEntropy } = options;
  const { learningRate } = optimizer;
  const [loss, correct] = withTape((tape) => {
    const output = model.forward(x);
    const loss = lossOf(output, labels);
    const value = loss.item();
    if (!Number.isFinite(value)) throw nonFinite(run, x, value);
    tape.backward(loss);
    if (clipNorm !== undefined) clipGradNorm(optimizer.parameters(), clipNorm);
    optimizer.step();
    return [value, output.shape.length === 2 ? countTopK(output, labels) : Number.NaN];
  });
  const size = labels.length;
  run.loss.add(loss, size);
  run.accuracy.add(correct / size, size);
  run.batch++;
  run.step++;
  run.history.stepLoss.push(loss);
  run.history.stepLearningRate.push(learningRate);
  const { step, batch } = run;
  return { step, epoch: run.epoch + 1, batch, batches: run.options.train.length, size, loss, correct, learningRate };
}

/** Validates and writes the epoch into the history; null when training was aborted meanwhile. */
async function finishEpoch(run: TrainingRun): Promise<EpochRecord | null> {
  const { validation, loss, signal, optimizer } = run.options;
  const started = performance.now();
  const record: EpochRecord = {
    epoch: run.epoch + 1,
    step: run.step,
    learningRate: optimizer.learningRate,
    loss: run.loss.value,
    accuracy: run.accuracy.value,
    seconds: 0,
  };
  if (validation !== undefined) {
    const measured = await evaluate(run.model, validation, { loss, signal });
    if (run.ending !== null) return null;
    record.validationLoss = measured.loss;
    record.validationAccuracy = measured.accuracy;
  }
  record.seconds = run.seconds + (performance.now() - started) / 1000;
  run.history.epochs.push(record);
  run.epoch++;
  run.batch = 0;
  run.seconds = 0;
  run.loss.reset();
  run.accuracy.reset();
  return record;
}

function nonFinite(run: TrainingRun, x: LabelledBatch['x'], value: number): NonFiniteError {
  const first = firstNonFinite(run.model, x);
  const place =
    first === null ? 'Every layer is finite, so it is the loss itself' : `The first non-finite value is in ${first}`;
  return new NonFiniteError(
    `fit: the loss became ${value} in epoch ${run.epoch + 1}, step ${run.step + 1}. ${place}. Lower the learning rate (it is ${run.options.optimizer.learningRate}), or set clipNorm.`,
  );
}
