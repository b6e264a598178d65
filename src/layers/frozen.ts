import { Parameter } from '../tensor/parameter.js';
import { isMarkedFrozen } from './frozenMarks.js';
import { visitMembers } from './members.js';
import type { Module } from './module.js';

/**
 * Switches `model` to training mode, except for its frozen parts, which switch to evaluation mode: their batch norms use their running
 * statistics without changing them, and their dropout does nothing. `fit` calls this before each step. In your own loop, call it instead of
 * `model.train()`.
 *
 * A module is frozen if it or the modules inside it have parameters and all of them are frozen; everything inside it is then frozen too. A
 * module without parameters, such as a batch norm without scale and shift, is frozen if it is inside a frozen module, or if `freeze` or its
 * own `requiresGrad(false)` froze it. Unfreezing a parameter unfreezes every module around it.
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

/** The contents of a module and the modules inside it. */
type State = 'no parameters' | 'frozen' | 'trained';

function stateOf(module: Module, states: Map<Module, State>): State {
  const known = states.get(module);
  if (known !== undefined) return known;
  let state: State = 'no parameters';
  // References back to this module find this entry.
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
