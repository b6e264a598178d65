import type { Tensor } from '../tensor/tensor.js';
import { type Module, moduleClasses } from './module.js';

/** A module that ran although it is not part of the model. */
export interface StrayCall {
  module: Module;
  /** The module whose `forward` called it. */
  caller: Module;
  /** It read its mode while in training mode. */
  readsTraining: boolean;
}

/** The methods that run a module: batch norm has a second one, which ends with a ReLU. */
const methods = ['forward', 'forwardRelu'] as const;

type Run = (this: Module, ...args: unknown[]) => unknown;

/**
 * Runs `model.forward(x)` and reports the modules that ran although they are not among `model.namedModules()`: those in private fields,
 * closures and objects of other classes. It watches every `forward` of every class, so use it for a single step.
 */
export function forwardWithStrays(model: Module, x: Tensor): { output: Tensor; strays: StrayCall[] } {
  const owned = new Set([...model.namedModules()].map(([, module]) => module));
  const strays = new Map<Module, StrayCall>();
  const running: Module[] = [];
  const restore: (() => void)[] = [];

  function watch(prototype: object, method: string): void {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
    if (descriptor?.configurable !== true || typeof descriptor.value !== 'function') return;
    const original = descriptor.value as Run;
    const value: Run = function (...args) {
      // A model whose forward is an own field is not watched itself.
      const caller = running.at(-1) ?? model;
      if (!owned.has(this) && !strays.has(this)) {
        const stray = { module: this, caller, readsTraining: false };
        strays.set(this, stray);
        restore.push(watchMode(stray));
      }
      running.push(this);
      try {
        return original.apply(this, args);
      } finally {
        running.pop();
      }
    };
    Object.defineProperty(prototype, method, { ...descriptor, value });
    restore.push(() => Object.defineProperty(prototype, method, descriptor));
  }

  try {
    for (const prototype of prototypes()) for (const method of methods) watch(prototype, method);
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
