import type { Tensor } from '../tensor/tensor.js';

/** What can be captured: a module, by what it needs to have. */
export interface Capturable {
  training: boolean;
  forward(x: Tensor): Tensor;
  namedModules(): Iterable<[string, Capturable]>;
  namedTensors(): Iterable<[string, Tensor]>;
  registerForwardPreHook(hook: (module: never, input: Tensor) => void): { remove(): void };
  registerForwardHook(hook: (module: never, input: Tensor, output: Tensor) => void): { remove(): void };
}

/** Runs `fn` with the model and all modules inside it in training or evaluation mode, and restores the modes. */
export function inMode<T>(model: Capturable, training: boolean, fn: () => T): T {
  const modes = [...model.namedModules()].map(([, module]) => [module, module.training] as const);
  for (const [module] of modes) module.training = training;
  try {
    return fn();
  } finally {
    for (const [module, mode] of modes) module.training = mode;
  }
}
