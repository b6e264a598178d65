import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, StateDictError } from '../base/errors.js';
import { type Check, nullable, numberField, object, whole } from '../base/fields.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import type { Stateful } from '../base/stateful.js';
import type { Evaluation } from './evaluate.js';
import type { GradientRecord } from './gradientRecord.js';
import type { EndReason, EpochRecord } from './history.js';
import { checkMonitor, isBetter, type Monitor, monitored } from './monitor.js';
import type { TrainingRun } from './run.js';
import type { TrainEvent } from './trainEvent.js';
import type { StepRecord } from './trainStep.js';

/**
 * What `fit` calls as training goes on; every method is optional and may be async. `run` tells where it stands
 * (`run.history`, `run.model`), ends it (`run.stop()`) and saves it (`run.checkpoint()`). A callback that carries something
 * from epoch to epoch gives it to the checkpoint with `saveState`.
 */
export interface Callback extends Stateful<TrainingRun> {
  /** In a group, only rank 0 calls this one: for callbacks that write files or print. Default false: every rank calls it. */
  onRank0?: boolean | undefined;
  /** Before the first step, also of a resumed run. */
  onTrainStart?: ((run: TrainingRun) => void | Promise<void>) | undefined;
  /** `epoch` counts from 1. */
  onEpochStart?: ((run: TrainingRun, epoch: number) => void | Promise<void>) | undefined;
  /**
   * After the backward pass and before the optimizer steps: the time to clip, change or log the gradients, which are in `gradients.parameters`.
   * Callbacks run in order, each on what the ones before it left. A checkpoint cannot be saved here.
   */
  onGradients?: ((run: TrainingRun, gradients: GradientRecord) => void | Promise<void>) | undefined;
  /** After each step of the optimizer. */
  onStep?: ((run: TrainingRun, step: StepRecord) => void | Promise<void>) | undefined;
  /** Before and after the validation data is measured; `epoch` is the one behind us. */
  onEvaluationStart?: ((run: TrainingRun, epoch: number) => void | Promise<void>) | undefined;
  /** After validation, with what it measured. */
  onEvaluationEnd?: ((run: TrainingRun, epoch: number, evaluation: Evaluation) => void | Promise<void>) | undefined;
  /**
   * Around each use of the weights as a result, in validation and in `bestWeights`: the time to put other weights, such as averaged ones, into
   * the model, and to take them out again. Always called in pairs, also when validation is aborted or throws. Not async.
   */
  onMeasureStart?: ((run: TrainingRun) => void) | undefined;
  /** After the weights have been used as a result: see `onMeasureStart`. */
  onMeasureEnd?: ((run: TrainingRun) => void) | undefined;
  /** After each epoch, with what is added to the history. */
  onEpochEnd?: ((run: TrainingRun, record: EpochRecord) => void | Promise<void>) | undefined;
  /** After all callbacks have had an event other than `onGradients`. What they carry is complete now: the time to save a checkpoint. */
  onSettled?: ((run: TrainingRun, event: TrainEvent['type']) => void | Promise<void>) | undefined;
  /** Also after `run.stop()` and an abort, but not after an error. */
  onTrainEnd?: ((run: TrainingRun, reason: EndReason) => void | Promise<void>) | undefined;
  /**
   * Training ends by an error, a `NonFiniteError` or what another callback threw: the time to save the run. `fit` throws it afterwards; what
   * is thrown here is lost.
   */
  onError?: ((run: TrainingRun, error: unknown) => void | Promise<void>) | undefined;
  /** Last of all, however training ended: the time to close files. */
  onClose?: ((run: TrainingRun) => void | Promise<void>) | undefined;
}

/**
 * Stops training when `monitor` has not become better for `patience` epochs.
 *
 * Options: `monitor`, default 'validationLoss'; `patience` in epochs, default 5; `minDelta`, the least change that counts,
 * default 0.
 */
export function earlyStopping(
  options: { monitor?: Monitor | undefined; patience?: number | undefined; minDelta?: number | undefined } = {},
): Callback {
  checkOptions('earlyStopping', options, ['monitor', 'patience', 'minDelta']);
  const { monitor = 'validationLoss', patience = 5, minDelta = 0 } = options;
  checkMonitor('earlyStopping', monitor);
  if (!Number.isInteger(patience) || patience < 1) {
    throw new ArgumentError(`earlyStopping: patience is ${patience}, but must be a whole number of epochs >= 1.`);
  }
  if (!(minDelta >= 0)) throw new ArgumentError(`earlyStopping: minDelta is ${minDelta}, but must be >= 0.`);
  let best: number | undefined;
  let waited = 0;
  return {
    onEpochEnd(run, record) {
      const value = monitored('earlyStopping', run, record, monitor);
      if (value === undefined) return;
      if (isBetter(monitor, value, best, minDelta)) {
        best = value;
        waited = 0;
      } else if (++waited >= patience) run.stop();
    },
    saveState: () => ({ values: { best, waited } }),
    loadState({ values }) {
      const state = object<{ best: number | null; waited: number }>({
        // JSON has no infinity, and leaves out what is undefined; anything is better than either.
        best: (value, name) => nullable(numberField)(value ?? null, name),
        waited: whole,
      })(values, 'earlyStopping');
      best = state.best ?? undefined;
      waited = state.waited;
    },
  };
}

/** JSON made null of an infinity. */
const nullableNumber: Check<number> = (value, name) => (value === null ? Number.NaN : numberField(value, name));

/** They go into the model when training ends: too late to find out that they do not fit. */
function refuseOtherWeights({ model }: TrainingRun, weights: StateDict): void {
  for (const [name, tensor] of model.namedTensors()) {
    const shape = weights.get(name)?.shape;
    if (shape !== undefined && sameShape(shape, tensor.shape)) continue;
    const found = shape === undefined ? 'missing' : formatShape(shape);
    throw new StateDictError(
      `bestWeights: ${name} is ${found} among the weights of the best epoch, but the model has ${formatShape(tensor.shape)}.`,
    );
  }
}

/** The callback of `bestWeights`, which can be asked for what it keeps. */
export interface BestWeights extends Callback {
  /** The best epoch so far and its weights; null before the first. */
  readonly best: { epoch: number; value: number; weights: StateDict } | null;
}

/**
 * Keeps a copy of the weights after the best epoch by `monitor`, and puts them back into the model when training ends. Callbacks
 * that save a checkpoint at the end of training belong before this one.
 *
 * Options: `monitor`, default 'validationLoss'; `restore`, default true.
 */
export function bestWeights(
  options: { monitor?: Monitor | undefined; restore?: boolean | undefined } = {},
): BestWeights {
  checkOptions('bestWeights', options, ['monitor', 'restore']);
  const { monitor = 'validationLoss', restore = true } = options;
  checkMonitor('bestWeights', monitor);
  let best: { epoch: number; value: number; weights: StateDict } | null = null;
  return {
    get best() {
      return best;
    },
    onEpochEnd(run, record) {
      const value = monitored('bestWeights', run, record, monitor);
      if (value === undefined || !isBetter(monitor, value, best?.value)) return;
      best = { epoch: record.epoch, value, weights: run.measuredWeights() };
    },
    onTrainEnd({ model }) {
      if (restore && best !== null) model.loadStateDict(best.weights);
    },
    saveState: () => ({ values: best && { epoch: best.epoch, value: best.value }, tensors: best?.weights }),
    loadState({ values, tensors }, run) {
      const state = nullable(object<{ epoch: number; value: number }>({ epoch: whole, value: nullableNumber }))(
        values,
        'bestWeights',
      );
      if (state !== null && run !== undefined) refuseOtherWeights(run, tensors);
      best = state && { ...state, weights: tensors };
    },
  };
}
