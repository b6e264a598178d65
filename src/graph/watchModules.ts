import type { Tensor } from '../tensor/tensor.js';
import type { Capturable } from './capturable.js';
import type { Recorder } from './recorder.js';

/** The methods that run a module: batch norm has a second one, which ends with a ReLU. */
const methods = ['forward', 'forwardRelu'] as const;

type Run = (this: Capturable, x: Tensor, ...rest: unknown[]) => Tensor;

/** Runs `call` on the model and tells the recorder which module runs; the modules are as before afterwards. */
export function watchModules(model: Capturable, recorder: Recorder, x: Tensor, call: (x: Tensor) => unknown): unknown {
  const restore: (() => void)[] = [];
  const seen = new Set<Capturable>([model]);
  try {
    for (const [name, module] of model.namedModules()) {
      if (seen.has(module)) continue;
      seen.add(module);
      for (const method of methods) restore.push(watch(name, module, method, recorder));
    }
    recorder.enter('', model.constructor.name, x.shape);
    const result = call(x);
    recorder.leave(shapeOf(result));
    return result;
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}

function watch(name: string, module: Capturable, method: (typeof methods)[number], recorder: Recorder): () => void {
  const original = Reflect.get(module, method) as Run | undefined;
  if (original === undefined || !Object.isExtensible(module)) return () => undefined;
  const own = Object.getOwnPropertyDescriptor(module, method);
  const value: Run = function (input, ...rest) {
    recorder.enter(name, module.constructor.name, shapeOf(input));
    const y = original.call(this, input, ...rest);
    recorder.leave(shapeOf(y));
    return y;
  };
  Object.defineProperty(module, method, { value, configurable: true, enumerable: false, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(module, method);
    else Object.defineProperty(module, method, own);
  };
}

function shapeOf(value: unknown): readonly number[] {
  return (value as Partial<Tensor> | null)?.shape ?? [];
}
