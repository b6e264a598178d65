import { DataError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { BatchShare } from '../data/batchCut.js';
import { pause } from '../data/pause.js';
import { trainUnfrozen } from '../layers/frozen.js';
import type { Module } from '../layers/module.js';
import { computed, type Metric } from '../metrics/metric.js';
import { type BatchSource, iterate, iterateShare, type LabeledBatch } from './batches.js';
import { claim } from './claims.js';
import { dispatch } from './dispatch.js';
import { type Evaluation, evaluateWith } from './evaluate.js';
import { agree } from './group/agree.js';
import { enterGroup } from './group/enterGroup.js';
import { evaluateInGroup } from './group/groupEvaluation.js';
import { GroupStepper } from './group/groupStep.js';
import type { EndReason, EpochRecord } from './history.js';
import { TrainingRun } from './run.js';
import type { TrainEvent } from './trainEvent.js';
import type { TrainOptions } from './trainOptions.js';
import { computeGradients, takeStep } from './trainStep.js';

type Batches = ReturnType<typeof iterate> | ReturnType<typeof iterateShare>;

/**
 * Trains `model` and yields every event, so that a program of its own can drive it; `fit` does for callbacks.
 *
 * Each step: a tape opens, forward, loss, backward, the tape closes, the event 'gradients', and the optimizer steps. The model is in training mode but for its frozen
 * parts (see `trainUnfrozen`). Between steps the event loop turns once, so
 * that a browser page stays responsive. Leave the loop and training stops; the model is left in evaluation mode.
 *
 * A run has random streams of its own: see `RunRandom`. Several runs may go on at once, each as if it were alone, but not on one model,
 * optimizer or loader.
 *
 * Throws `NonFiniteError` when the loss is NaN or infinite, before the step that would spoil the weights; `DataError` when
 * the training data is empty; `ArgumentError` for options that are unknown or out of range, and for a model, optimizer, loader or callback that
 * another run is using.
 *
 * @example
 * for await (const event of trainingEvents(model, { train: loader, optimizer, epochs: 10 })) {
 *   if (event.type === 'epochEnd') console.log(event.record.loss);
 * }
 */
export async function* trainingEvents(
  model: Module,
  options: TrainOptions,
  callbacks: TrainingRun['callbacks'] = [],
): AsyncGenerator<TrainEvent, void> {
  const release = claim(model, options, callbacks);
  const { group } = options;
  let run: TrainingRun | undefined;
  let isOver = false;
  try {
    run = new TrainingRun(model, group === undefined ? options : { ...options, resume: undefined }, callbacks);
    run.random.begin();
    if (group !== undefined) await enterGroup(group, run, options.resume);
    yield* tell({ type: 'trainStart', run });
    run.clock.start();
    while (!run.isDone && run.ending === null) {
      yield* tell({ type: 'epochStart', run, epoch: run.epoch + 1 });
      yield* runEpoch(run);
      if (run.ending === null) yield* finishEpoch(run);
      if (group !== undefined) await agree(run, group);
    }
    const reason: EndReason = run.isDone ? 'done' : (run.ending ?? 'done');
    run.history.endReason = reason;
    isOver = true;
    yield* tell({ type: 'trainEnd', run, reason });
  } catch (error) {
    group?.abort(`rank ${group.rank} has stopped: ${error instanceof Error ? error.message : error}`);
    throw error;
  } finally {
    if (!isOver) group?.abort(`rank ${group.rank} has left training before its end`);
    group?.watch(false);
    release();
    run?.random.end();
    if (run !== undefined) model.eval();
  }
}

/** Yields an event; what options stand for is told first, but clips gradients after what callbacks have added to them. */
function* tell(event: TrainEvent): Generator<TrainEvent, void> {
  const tellOwn = (): void => {
    const { own, random } = event.run;
    for (const part of own.values()) random.use(() => dispatch(part, event));
  };
  if (event.type !== 'gradients') tellOwn();
  yield event;
  if (event.type === 'gradients') tellOwn();
}

/** The steps of the present epoch that are not behind us yet, or for which there is time. */
async function* runEpoch(run: TrainingRun): AsyncGenerator<TrainEvent, void> {
  const { train: source, schedule, optimizer, epochs, timeBudget, group } = run.options;
  // Resumed when only the validation was missing.
  if (source.length !== undefined && source.length > 0 && run.batch >= source.length) return;
  const started = performance.now() - 1000 * run.seconds;
  const batches = run.random.use(() => batchesOf(run));
  const stepper = group === undefined ? null : new GroupStepper(run, group);
  try {
    if (run.batch === 0) run.epochRandom = run.random.state();
    else if (source.restore === undefined) await skip(run, batches);
    for (;;) {
      // In local SGD, the ranks hear of each other only when they exchange weights.
      if (group !== undefined && (run.outer?.isDue(run.step) ?? true)) await agree(run, group);
      if (run.ending !== null || (timeBudget !== undefined && run.isDone)) break;
      const { done, value: batch } = await run.random.use(() => batches.next());
      if (done) break;
      const step = timeBudget === undefined ? run.step : run.progress * epochs * (source.length as number);
      if (schedule !== undefined) optimizer.learningRate = schedule(step);
      trainUnfrozen(run.model);
      const gradients =
        stepper === null
          ? run.random.use(() => computeGradients(run, batch as LabeledBatch))
          : await stepper.gradients(batch as BatchShare<LabeledBatch>);
      let isTold = false;
      try {
        yield* tell({ type: 'gradients', run, gradients });
        isTold = true;
      } finally {
        // Whoever leaves here leaves no half a step behind.
        if (!isTold) run.model.zeroGrad();
      }
      const record = run.random.use(() => takeStep(run, gradients));
      if (run.outer?.isDue(run.step)) await exchangeWeights(run);
      run.seconds = (performance.now() - started) / 1000;
      // A group has one clock: see \`GroupStepper\`.
      if (group === undefined) run.clock.tick();
      yield* tell({ type: 'step', run, step: record });
      await pause();
    }
  } finally {
    await batches.return?.();
  }
  if (run.batch === 0 && run.ending === null) {
    throw new DataError('fit: the training data gave no batch. An empty data set, or dropLast with too few images?');
  }
}

/** The batches of an epoch; in a group, the parts of them that this rank trains on. */
function batchesOf({ options, random }: TrainingRun): Batches {
  const { train: source, group } = options;
  if (group === undefined) return iterate('fit', source);
  const own = group.microBatches / group.size;
  const take = (): readonly [number, number] => [group.rank * own, (group.rank + 1) * own];
  return iterateShare('fit', source, { parts: group.microBatches, take }, (part) => random.use(part));
}

/** The outer step of local SGD. What is saved meanwhile would be half of it. */
async function exchangeWeights(run: TrainingRun): Promise<void> {
  run.isInStep = true;
  await run.outer?.exchange(run.step);
  run.isInStep = false;
}

/** Gets a source that cannot restore its place to where the checkpoint was: the epoch's random draws are made again. */
async function skip(run: TrainingRun, batches: Batches): Promise<void> {
  const now = run.random.state();
  run.random.restore(run.epochRandom);
  for (let i = 0; i < run.batch; i++) await run.random.use(() => batches.next());
  run.random.restore(now);
}

/** Validates and writes the epoch into the history, unless training was aborted meanwhile. */
async function* finishEpoch(run: TrainingRun): AsyncGenerator<TrainEvent, void> {
  const { validation, optimizer, metrics, evaluateEvery = 1, group } = run.options;
  const started = performance.now();
  const epoch = run.epoch + 1;
  await exchangeWeights(run);
  const record: EpochRecord = {
    epoch,
    step: run.step,
    learningRate: optimizer.learningRate,
    loss: run.loss.value,
    accuracy: run.accuracy.value,
    seconds: 0,
  };
  const training = states(metrics);
  let isMeasured = false;
  try {
    if (metrics !== undefined) record.metrics = computed(metrics);
    if (validation !== undefined && (run.isLast(epoch) || epoch % evaluateEvery === 0)) {
      yield* tell({ type: 'evaluationStart', run, epoch });
      const evaluation = await validate(run, validation);
      if (group !== undefined) await agree(run, group);
      if (run.ending === 'aborted') return;
      record.validationLoss = evaluation.loss;
      record.validationAccuracy = evaluation.accuracy;
      if (evaluation.metrics !== undefined) record.validationMetrics = evaluation.metrics;
      yield* tell({ type: 'evaluationEnd', run, epoch, evaluation });
    }
    isMeasured = true;
  } finally {
    // After an abort or an error: the epoch is measured again when training is resumed.
    if (!isMeasured) for (const [metric, state] of training) metric.loadState?.(state);
  }
  run.clock.tick();
  if (group !== undefined) await agree(run, group);
  record.seconds = run.seconds + (performance.now() - started) / 1000;
  run.history.addEpoch(record);
  run.epoch++;
  run.batch = 0;
  run.seconds = 0;
  run.loss.reset();
  run.accuracy.reset();
  for (const metric of Object.values(metrics ?? {})) metric.reset();
  yield* tell({ type: 'epochEnd', run, record });
}

/** The validation data, measured with the averaged weights where there are some. */
function validate(run: TrainingRun, validation: BatchSource): Promise<Evaluation> {
  const { loss, signal, views, metrics, group } = run.options;
  // A long validation in one piece would look like sleep.
  const options = { loss, signal, views, metrics, onBatch: () => void run.clock.tick() };
  const within = <T>(part: () => T): T => run.random.use(part);
  return run.measured(() =>
    group === undefined
      ? evaluateWith(within, run.model, validation, options)
      : evaluateInGroup(group, within, run.model, validation, options),
  );
}

/** Where each metric that can be saved stands. */
function states(metrics: Readonly<Record<string, Metric>> = {}): [Metric, { values: unknown; tensors: StateDict }][] {
  return Object.values(metrics).flatMap((metric) => {
    const state = metric.saveState?.();
    return state === undefined ? [] : [[metric, { tensors: new Map(), ...state }]];
  });
}
