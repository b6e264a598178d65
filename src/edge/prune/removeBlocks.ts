import { ArgumentError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import { capture } from '../../graph/index.js';
import { cloneModule } from '../../layers/cloneModule.js';
import { Identity } from '../../layers/identity.js';
import type { Module } from '../../layers/module.js';
import { residualBlocks } from './blocks.js';
import { planOf, rememberPlan } from './plan.js';

/** A copy of a model in which `Identity` takes the place of these residual blocks. Throws `ArgumentError` for other modules. */
export function removeBlocks<M extends Module>(model: M, inputShape: Shape, blocks: readonly string[]): M {
  const known = residualBlocks(capture(model, inputShape));
  for (const name of blocks) {
    if (known.includes(name)) continue;
    throw new ArgumentError(
      known.length === 0
        ? `pruneBlocks: this ${model.constructor.name} has no residual block that keeps its shape, so none can be left out.`
        : `pruneBlocks: '${name}' is no residual block that keeps its shape. There are ${known.join(', ')}.`,
    );
  }
  const small = cloneModule(model);
  replaceBlocks(small, blocks);
  rememberPlan(small, [...planOf(model), { inputShape: [...inputShape], channels: {}, blocks: [...blocks] }]);
  return small;
}

/** Puts `Identity` in the place of blocks, in the model itself, and returns what puts them back. */
export function replaceBlocks(model: Module, blocks: readonly string[]): () => void {
  const modules = new Map(model.namedModules());
  const restore: (() => void)[] = [];
  for (const name of blocks) {
    const dot = name.lastIndexOf('.');
    const parent = modules.get(dot < 0 ? '' : name.slice(0, dot));
    const block = modules.get(name);
    if (parent === undefined || block === undefined) {
      throw new ArgumentError(`pruneBlocks: there is no module '${name}' that could be replaced.`);
    }
    parent.replaceChild(name.slice(dot + 1), new Identity());
    restore.push(() => parent.replaceChild(name.slice(dot + 1), block));
  }
  return () => {
    for (const put of restore) put();
  };
}
