import { ArgumentError } from '../base/errors.js';
import { headOf } from '../layers/head.js';
import type { Module } from '../layers/module.js';
import { withoutScope, withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { trace } from './trace.js';

/**
 * What the module of a name returns when the model predicts x: a copy of nothing, an edit of nothing. Names are those of
 * `model.namedModules()`. A module that runs several times gives its last output.
 *
 * Throws `ArgumentError` for a name that is not there (it lists those that are) and a module that did not run.
 *
 * @example
 * features(createModel('resnet18'), images, 'layer4').shape; // [8, 512, 7, 7]
 */
export function features(model: Module, x: Tensor, name: string): Tensor {
  return tap(model, x, name, 'features', (_input, output) => output);
}

/**
 * What the last linear layer (or the 1x1 convolution that stands for it) is given when the model predicts x: a vector an image
 * that tells alike from unlike. Shapes: x [N, C, H, W] -> [N, F], or [N, F, H', W'] before a convolution.
 *
 * Throws `ArgumentError` for a model without such a layer, and for one whose answers do not come from it (`CapsNet`).
 *
 * @example
 * embeddings(createModel('resnet20'), images).shape; // [8, 64]
 */
export function embeddings(model: Module, x: Tensor): Tensor {
  return tap(model, x, headOf(model, 'embeddings')[0], 'embeddings', (input) => input);
}

function tap(
  model: Module,
  x: Tensor,
  wanted: string,
  who: string,
  choose: (input: Tensor, output: Tensor) => Tensor,
): Tensor {
  const names = [...model.namedModules()].map(([name]) => name);
  if (!names.includes(wanted)) {
    throw new ArgumentError(`${who}: the model has no module '${wanted}'. It has ${names.filter(Boolean).join(', ')}.`);
  }
  return withoutTape(() => {
    let found: Tensor | undefined;
    const onModule = (name: string, _module: Module, input: Tensor, output: Tensor): void => {
      if (name !== wanted) return;
      found?.dispose();
      // In no scope yet: that of the module's parent is about to close.
      found = withoutScope(() => sharing(choose(input, output)));
    };
    trace(model, () => model.predict(x), onModule);
    if (found === undefined) throw new ArgumentError(`${who}: module '${wanted}' did not run.`);
    const result = sharing(found);
    found.dispose();
    return result;
  });
}

/** A tensor that shares the same block and belongs to the current scope. */
function sharing(t: Tensor): Tensor {
  return new Tensor(t.storage.retain(), t.shape);
}
