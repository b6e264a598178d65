import { ArgumentError } from '../base/errors.js';
import type { Stateful } from '../base/stateful.js';
import type { Module } from '../layers/module.js';
import type { TrainingRun } from './run.js';
import type { TrainOptions } from './trainOptions.js';

/** What training runs are changing at present. */
const claimed = new WeakSet<object>();

/**
 * Reserves all that a run changes: the model and its parameters, the optimizer, a loader that has a place, averages, metrics, and callbacks that
 * carry something. Gives a function that lets others have them.
 *
 * Throws `ArgumentError` that names the first which another run is using.
 */
export function claim(model: Module, options: TrainOptions, callbacks: readonly Stateful<TrainingRun>[]): () => void {
  const wanted = new Map<object, string>();
  for (const [thing, name] of thingsOf(model, options, callbacks)) {
    if (claimed.has(thing)) {
      throw new ArgumentError(
        `fit: ${name} is in use by another fit that has not ended. Wait for that one, or give each a ${name.includes('model') ? 'model' : 'copy'} of its own.`,
      );
    }
    wanted.set(thing, name);
  }
  for (const thing of wanted.keys()) claimed.add(thing);
  return () => {
    for (const thing of wanted.keys()) claimed.delete(thing);
  };
}

/** Options are not checked yet: what is no object is passed over, and complained of later. */
function* thingsOf(
  model: Module,
  { optimizer, train, average, lookahead, metrics }: TrainOptions,
  callbacks: readonly Stateful<TrainingRun>[],
): Generator<[thing: object, name: string]> {
  const named: [unknown, string][] = [
    [model, `the model (${model?.constructor?.name})`],
    [optimizer, `the optimizer (${optimizer?.constructor?.name})`],
    [average, 'average'],
    [lookahead, 'lookahead'],
    ...Object.entries(metrics ?? {}).map(([name, metric]): [unknown, string] => [metric, `the metric '${name}'`]),
    ...callbacks.map((callback, i): [unknown, string] => [callback?.saveState && callback, `callback ${i}`]),
  ];
  if (hasPlace(train)) named.push([train, 'train, the training data,']);
  for (const [thing, name] of named) if (typeof thing === 'object' && thing !== null) yield [thing, name];
  if (typeof model?.namedParameters !== 'function') return;
  for (const [name, parameter] of model.namedParameters()) {
    // What is frozen may be shared.
    if (parameter.requiresGrad) yield [parameter, `the parameter ${name} of the model`];
  }
}

/** A loader, or an iterator that is used up. An array of batches can be gone through by several at once. */
function hasPlace(source: TrainOptions['train']): boolean {
  if (typeof source !== 'object' || source === null) return false;
  return source.restore !== undefined || typeof (source as Partial<Iterator<unknown>>).next === 'function';
}
