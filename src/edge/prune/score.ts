import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';

/** Measures a model; higher is better. Usually the accuracy of `evaluate` on data that is not the test data. */
export type Score = (model: Module) => number | Promise<number>;

/** Measures a model. Throws `ArgumentError` for a score that is no number. */
export async function scoreOf(who: string, score: Score, model: Module): Promise<number> {
  const value = await score(model);
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new ArgumentError(
    `${who}: score gave ${value}, but must give a number, such as (await evaluate(model, data)).accuracy.`,
  );
}
