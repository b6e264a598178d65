import { ArgumentError } from '../base/errors.js';
import { Conv2d } from './conv2d.js';
import { Linear } from './linear.js';
import type { Module } from './module.js';

/** A module whose output does not come from a Linear or Conv2d, although it has some. `headless` explains this and what to do instead. */
export interface Headless extends Module {
  readonly headless: string;
}

function isHeadless(module: Module): module is Headless {
  return 'headless' in module;
}

/**
 * The layer that computes the logits, with its name: the last Linear or Conv2d of the model, in the order of its fields.
 *
 * Throws `ArgumentError` when there is none, or when it does not compute the logits: see `Headless`.
 */
export function headOf(model: Module, who: string): [name: string, head: Linear | Conv2d] {
  let found: [string, Linear | Conv2d] | undefined;
  let refusal: { prefix: string; reason: string } | undefined;
  for (const [name, module] of model.namedModules()) {
    if (module instanceof Linear || module instanceof Conv2d) found = [name, module];
    if (isHeadless(module)) refusal = { prefix: name === '' ? '' : `${name}.`, reason: module.headless };
  }
  if (refusal !== undefined && found?.[0].startsWith(refusal.prefix)) {
    throw new ArgumentError(`${who}: ${refusal.reason}`);
  }
  if (found === undefined) {
    throw new ArgumentError(`${who}: ${model.constructor.name} has no Linear or Conv2d that could be its head.`);
  }
  return found;
}
