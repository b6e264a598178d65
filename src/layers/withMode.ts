import { afterwards } from '../base/afterwards.js';
import { ArgumentError } from '../base/errors.js';

/** What has a mode, and children that have one: every module. */
export interface ModeTree {
  training: boolean;
  namedChildren(): Iterable<[string, ModeTree]>;
}

/**
 * Runs `fn` with `model` and all modules inside it in training or evaluation mode, then restores the mode that each had before, also when `fn`
 * throws or has changed modes itself. If `fn` returns a promise, the modes are restored when it settles.
 *
 * Throws `ArgumentError` for a mode other than 'train' and 'eval'.
 *
 * @example
 * const logits = withMode(model, 'eval', () => model.forward(x));
 */
export function withMode<T>(model: ModeTree, mode: 'train' | 'eval', fn: () => T): T {
  if (mode !== 'train' && mode !== 'eval') {
    throw new ArgumentError(`withMode: mode is '${mode}', but must be 'train' or 'eval'.`);
  }
  const before = [...modulesOf(model)].map((module) => [module, module.training] as const);
  const restore = (): void => {
    for (const [module, training] of before) module.training = training;
  };
  for (const [module] of before) module.training = mode === 'train';
  return afterwards(fn, restore);
}

/** A module and all modules inside it, each once, without names, which take time to build. */
export function modulesOf<M extends { namedChildren(): Iterable<[string, M]> }>(
  module: M,
  found = new Set<M>(),
): Set<M> {
  if (found.has(module)) return found;
  found.add(module);
  for (const [, child] of module.namedChildren()) modulesOf(child, found);
  return found;
}
