import type { Callback } from './callbacks.js';
import type { TrainEvent } from './trainEvent.js';

/** Calls the method of `callback` for an event. */
export function dispatch(callback: Callback, event: TrainEvent): void | Promise<void> {
  const { run } = event;
  switch (event.type) {
    case 'trainStart':
      return callback.onTrainStart?.(run);
    case 'epochStart':
      return callback.onEpochStart?.(run, event.epoch);
    case 'gradients':
      return callback.onGradients?.(run, event.gradients);
    case 'step':
      return callback.onStep?.(run, event.step);
    case 'evaluationStart':
      return callback.onEvaluationStart?.(run, event.epoch);
    case 'evaluationEnd':
      return callback.onEvaluationEnd?.(run, event.epoch, event.evaluation);
    case 'epochEnd':
      return callback.onEpochEnd?.(run, event.record);
    case 'trainEnd':
      return callback.onTrainEnd?.(run, event.reason);
  }
}
