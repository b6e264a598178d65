import type { HookHandle } from '../layers/forwardHooks.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';

/** What `trace` reports: a module's name ('' is the model itself), the module, what it was given and what it returned. */
export type OnModule = (name: string, module: Module, input: Tensor, output: Tensor) => void;

/** What `trace` reports, on request, when a call begins. */
export type OnEnter = (name: string, module: Module, input: Tensor) => void;

/**
 * Runs `fn` and reports each call of a module's `forward`, at the moment when it returns: layers in the order of their
 * execution, a block after the layers inside it; `onEnter` hears of calls as they begin, a block first. A module that is called twice
 * is reported twice; one that stands in two places goes by the first name. A batch norm whose ReLU runs in the same pass
 * (`forwardRelu`) returns what both make.
 *
 * The tensors may be released after the report (see `Sequential`); call `keep` on those wanted later. The modules are as
 * before when `trace` returns or throws.
 *
 * @example
 * trace(model, () => model.predict(x), (name, _module, _input, output) => console.log(name, output.shape));
 */
export function trace<T>(model: Module, fn: () => T, onModule: OnModule, onEnter?: OnEnter): T {
  const handles: HookHandle[] = [];
  const seen = new Set<Module>();
  try {
    for (const [name, module] of model.namedModules()) {
      if (seen.has(module)) continue;
      seen.add(module);
      if (onEnter !== undefined) {
        handles.push(module.registerForwardPreHook((_module, input) => void onEnter(name, module, input)));
      }
      handles.push(module.registerForwardHook((_module, input, output) => void onModule(name, module, input, output)));
    }
    return fn();
  } finally {
    for (const handle of handles) handle.remove();
  }
}
