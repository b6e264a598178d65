import { Parameter } from '../tensor/parameter.js';
import { isMarkedFrozen } from './frozenMarks.js';
import { visitMembers } from './members.js';
import type { Module } from './module.js';

/**
 * Switches `model` to training mode, but for its frozen parts, which go to evaluation mode: their batch norms use and keep the running
 * statistics that they have, and their dropout does nothing. `fit` does so before each step; call it instead of `model.train()` in a loop of
 * your own.
 *
 * A module is frozen when it has parameters, its own or those of modules inside it, and all of them are frozen; all inside it is frozen
 * with it. One without parameters is frozen when it is inside a frozen module, or when `freeze` or its `requiresGrad(false)` was about it:
 * a batch norm without scale and shift, say. A thawed parameter thaws every module around it.
 *
 * @example
 * freeze(model, /^(conv1|bn1|layer1)\b/);
 * trainUnfrozen(model);
 * model.bn1.training; // false
 */
export function trainUnfrozen<T extends Module>(model: T): T {
  model.train();
  const states = new Map<Module, State>();
  stateOf(model, states);
  evalFrozen(model, states, new Set());
  return model;
}

/** What a module and those inside it hold. */
type State = 'no parameters' | 'frozen' | 'trained';

function stateOf(module: Module, states: Map<Module, State>): State {
  const known = states.get(module);
  if (known !== undefined) return known;
  let state: State = 'no parameters';
  // What refers back to this module finds this.
  states.set(module, state);
  const add = (part: State): void => {
    if (state !== 'trained' && part !== 'no parameters') state = part;
  };
  visitMembers(module, isParameter, (_name, { requiresGrad }) => add(requiresGrad ? 'trained' : 'frozen'));
  for (const [, child] of module.namedChildren()) add(stateOf(child, states));
  states.set(module, state);
  return state;
}

function evalFrozen(module: Module, states: ReadonlyMap<Module, State>, seen: Set<Module>): void {
  if (seen.has(module)) return;
  seen.add(module);
  const state = states.get(module);
  if (state === 'frozen' || (state === 'no parameters' && isMarkedFrozen(module))) module.eval();
  else for (const [, child] of module.namedChildren()) evalFrozen(child, states, seen);
}

function isParameter(value: unknown): value is Parameter {
  return value instanceof Parameter;
}
