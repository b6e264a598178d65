import type { Module } from '../layers/module.js';
import type { Callback } from './callbacks.js';
import type { History } from './history.js';
import type { TrainOptions } from './run.js';
import { type TrainEvent, train } from './train.js';

export interface FitOptions extends TrainOptions {
  /** Called in this order at each event, and waited for. */
  callbacks?: readonly Callback[];
}

/**
 * Trains `model` and resolves to what was measured.
 *
 * Options: `train` (batches), `optimizer` and `epochs` are needed; see `TrainOptions` for the rest. The model is left in
 * evaluation mode. To see every step from a loop of your own, use `train`.
 *
 * Throws `NonFiniteError` when the loss is NaN or infinite: it names epoch, step and the first layer with such a value.
 *
 * @example
 * const history = await fit(model, { train: loader, optimizer: new SGD(model.parameters(), { learningRate: 0.1 }), epochs: 10 });
 * history.epochs.at(-1)?.loss;
 */
export async function fit(model: Module, options: FitOptions): Promise<History> {
  const callbacks = options.callbacks ?? [];
  let history: History | undefined;
  for await (const event of train(model, options, callbacks)) {
    history = event.run.history;
    for (const callback of callbacks) await dispatch(callback, event);
  }
  return history as History;
}

function dispatch(callback: Callback, event: TrainEvent): void | Promise<void> {
  const { run } = event;
  switch (event.type) {
    case 'trainStart':
      return callback.onTrainStart?.(run);
    case 'epochStart':
      return callback.onEpochStart?.(run, event.epoch);
    case 'step':
      return callback.onStep?.(run, event.step);
    case 'epochEnd':
      return callback.onEpochEnd?.(run, event.record);
    case 'trainEnd':
      return callback.onTrainEnd?.(run, event.reason);
  }
}
