import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import type { Parameter } from '../../tensor/parameter.js';

/** The filters and matrices of a model but for those skipped. Throws `ArgumentError` where there are none. */
export function weightsOf(who: string, model: Module, skip: readonly (string | RegExp)[] = []): Parameter[] {
  const isSkipped = (name: string): boolean =>
    skip.some((each) => (typeof each === 'string' ? name === each || name === `${each}.weight` : each.test(name)));
  const found = [...model.namedParameters()].filter(([name, { shape }]) => shape.length > 1 && !isSkipped(name));
  if (found.length > 0) return found.map(([, parameter]) => parameter);
  throw new ArgumentError(
    `${who}: this ${model.constructor.name} has no filters or matrices${skip.length > 0 ? ' besides those skipped' : ''}.`,
  );
}
