import type { Tensor } from '../tensor/tensor.js';
import type { Capturable } from './capturable.js';
import type { Recorder } from './recorder.js';

/** Runs `call` on the model and tells the recorder which modules run. */
export function watchModules(model: Capturable, recorder: Recorder, x: Tensor, call: (x: Tensor) => unknown): unknown {
  const hooks: { remove(): void }[] = [];
  const seen = new Set<Capturable>([model]);
  try {
    for (const [name, module] of model.namedModules()) {
      if (seen.has(module) || !Object.isExtensible(module)) continue;
      seen.add(module);
      hooks.push(
        module.registerForwardPreHook((_module, input) => recorder.enter(name, module.constructor.name, input.shape)),
        module.registerForwardHook((_module, _input, output) => recorder.leave(output.shape)),
      );
    }
    recorder.enter('', model.constructor.name, x.shape);
    const result = call(x);
    recorder.leave((result as Partial<Tensor> | null)?.shape ?? []);
    return result;
  } finally {
    for (const hook of hooks) hook.remove();
  }
}
