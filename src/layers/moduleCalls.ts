import type { Tensor } from '../tensor/tensor.js';
import { forwardMethods, replaceMethod } from './forwardHooks.js';
import { type Module, moduleClasses } from './module.js';

/** A module that ran although it is not part of the model. */
export interface StrayCall {
  module: Module;
  /** The module whose `forward` called it. */
  caller: Module;
  /** It read its mode while in training mode. */
  readsTraining: boolean;
}

/**
 * Runs `model.forward(x)` and reports the modules that ran although they are not among `model.namedModules()`: those in private fields,
 * closures and objects of other classes. It watches every `forward` of every class, so use it for a single step.
 */
export function forwardWithStrays(model: Module, x: Tensor): { output: Tensor; strays: StrayCall[] } {
  const owned = new Set([...model.namedModules()].map(([, module]) => module));
  const strays = new Map<Module, StrayCall>();
  const running: Module[] = [];
  const restore: (() => void)[] = [];

  const watch = (holder: object, input: Tensor, run: (input: Tensor) => Tensor): Tensor => {
    const module = holder as Module;
    // A model whose forward is an own field is not watched itself.
    const caller = running.at(-1) ?? model;
    if (!owned.has(module) && !strays.has(module)) {
      const stray = { module, caller, readsTraining: false };
      strays.set(module, stray);
      restore.push(watchMode(stray));
    }
    running.push(module);
    try {
      return run(input);
    } finally {
      running.pop();
    }
  };

  try {
    for (const prototype of prototypes()) {
      for (const method of forwardMethods) {
        const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
        if (descriptor?.configurable !== true || typeof descriptor.value !== 'function') continue;
        restore.push(replaceMethod(prototype, method, watch));
      }
    }
    const output = model.forward(x);
    return { output, strays: [...strays.values()] };
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}

/** The prototypes of all module classes, each once. */
function prototypes(): Set<object> {
  const found = new Set<object>();
  for (const { prototype } of moduleClasses) {
    for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      found.add(at);
    }
  }
  return found;
}

/** Records whether a stray module reads its mode. Returns a function that restores its field. */
function watchMode(stray: StrayCall): () => void {
  const { module } = stray;
  const descriptor = Object.getOwnPropertyDescriptor(module, 'training');
  if (descriptor?.configurable !== true || !('value' in descriptor)) return () => undefined;
  let mode = descriptor.value as boolean;
  Object.defineProperty(module, 'training', {
    configurable: true,
    enumerable: true,
    get: () => {
      if (mode) stray.readsTraining = true;
      return mode;
    },
    set: (value: boolean) => {
      mode = value;
    },
  });
  return () => Object.defineProperty(module, 'training', { ...descriptor, value: mode });
}
