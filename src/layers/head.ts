import { ArgumentError } from '../tensor/errors.js';
import { Conv2d } from './conv2d.js';
import { Linear } from './linear.js';
import type { Module } from './module.js';

/**
 * The layer that gives the logits, with its name: the last Linear or Conv2d of the model, in the order of its fields.
 *
 * Throws `ArgumentError` when there is none.
 */
export function headOf(model: Module, who: string): [name: string, head: Linear | Conv2d] {
  let found: [string, Linear | Conv2d] | undefined;
  for (const [name, module] of model.namedModules()) {
    if (module instanceof Linear || module instanceof Conv2d) found = [name, module];
  }
  if (found === undefined) {
    throw new ArgumentError(`${who}: ${model.constructor.name} has no Linear and no Conv2d that could be its head.`);
  }
  return found;
}
