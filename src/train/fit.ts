import type { Module } from '../layers/module.js';
import type { Callback } from './callbacks.js';
import { dispatch } from './dispatch.js';
import type { History } from './history.js';
import type { TrainingRun } from './run.js';
import { trainingEvents } from './trainingEvents.js';
import type { TrainOptions } from './trainOptions.js';

/** Options of `fit`. */
export interface FitOptions extends TrainOptions {
  /** Called in this order at each event, and waited for. */
  callbacks?: readonly Callback[] | undefined;
}

/**
 * Trains `model` and resolves to what was measured.
 *
 * Options: `train` (batches), `optimizer` and `epochs` are needed; see `TrainOptions` for the rest. The model is left in
 * evaluation mode. A callback that throws ends training: the `onError` of the others may save the run, then the error is thrown.
 * To see every step from a loop of your own, use `trainingEvents`.
 *
 * Several calls may run at once on models, optimizers and loaders of their own. Each starts from the random streams as they are when it is
 * called and equals itself alone; see `manualSeed`.
 *
 * Throws `NonFiniteError` when the loss is NaN or infinite: it names epoch, step and the first layer with such a value; `ArgumentError` for
 * options out of range, and for a model, optimizer, loader or callback that another `fit` is using.
 *
 * @example
 * const history = await fit(model, { train: loader, optimizer: new SGD(model.parameters(), { learningRate: 0.1 }), epochs: 10 });
 * history.epochs.at(-1)?.loss;
 */
export async function fit(model: Module, options: FitOptions): Promise<History> {
  const { callbacks: all = [], ...training } = options;
  const callbacks = (training.group?.rank ?? 0) === 0 ? all : all.filter(({ onRank0 }) => !onRank0);
  let run: TrainingRun | undefined;
  let failed: Callback | undefined;
  try {
    for await (const event of trainingEvents(model, training, all)) {
      const { random } = (run = event.run);
      for (const callback of callbacks) {
        failed = callback;
        await random.use(() => dispatch(callback, event));
      }
      failed = undefined;
      // In the middle of a step, nothing is settled.
      if (event.type === 'gradients') continue;
      for (const callback of callbacks) {
        failed = callback;
        await random.use(() => callback.onSettled?.(event.run, event.type));
      }
      failed = undefined;
    }
  } catch (error) {
    if (run !== undefined) await tellError(run, error, callbacks, failed);
    throw error;
  } finally {
    for (const callback of callbacks) if (run !== undefined) await callback.onClose?.(run);
  }
  return (run as TrainingRun).history;
}

/** Lets the others save the run when one callback, or training itself, has failed. */
async function tellError(
  run: TrainingRun,
  error: unknown,
  callbacks: readonly Callback[],
  failed: Callback | undefined,
): Promise<void> {
  for (const callback of callbacks) {
    if (callback === failed) continue;
    try {
      await callback.onError?.(run, error);
    } catch {
      // The first error is the one to show.
    }
  }
}
