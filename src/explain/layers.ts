import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';

/** Which layer a method looks at. */
export interface LayerOptions {
  /** The name of a layer that gives maps [N, C, H, W], as in `model.namedModules()`. Default: the last one whose maps have more than one pixel. */
  layer?: string | undefined;
}

/** The module of a name. Throws `ArgumentError` with the nearest names. */
export function layerNamed(who: string, model: Module, name: string): Module {
  const modules = new Map(model.namedModules());
  const found = modules.get(name);
  if (found !== undefined && name !== '') return found;
  const names = [...modules.keys()].filter((each) => each !== '');
  const near = nearestNames(name, names).slice(0, 3);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((each) => `'${each}'`).join(' or ')}?`
      : `Its layers are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' and others' : ''}.`;
  throw new ArgumentError(`${who}: the model has no layer '${name}'. ${hint}`);
}

/** Runs `fn` while `visit` hears of each layer's output. A layer that runs several times is heard of each time. */
export function watchingLayers<T>(model: Module, visit: (name: string, output: Tensor) => void, fn: () => T): T {
  const seen = new Set<Module>();
  const handles: { remove(): void }[] = [];
  try {
    for (const [name, module] of model.namedModules()) {
      if (name === '' || seen.has(module)) continue;
      seen.add(module);
      handles.push(module.registerForwardHook((_module, _input, output) => void visit(name, output)));
    }
    return fn();
  } finally {
    for (const handle of handles) handle.remove();
  }
}
