import { ArgumentError, ShapeError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';
import { formatShape } from '../base/shape.js';
import { headOf } from '../layers/head.js';
import { Module } from '../layers/module.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * A model that gives what one of its layers gives, as a row per picture: maps are averaged over their pixels. Layers after it don't run in `predict`.
 *
 * Shapes: x [N, C, H, W] -> [N, F].
 *
 * Throws `ArgumentError` for a name that no layer has; without a name, for a model that has no last linear layer or 1x1 convolution.
 */
export class TappedModel extends Module {
  readonly model: Module;
  /** The name of the layer; the default is what the last layer is given. */
  readonly layer: string;
  readonly #takesInput: boolean;

  constructor(model: Module, layer: string | undefined) {
    super();
    this.model = model;
    this.#takesInput = layer === undefined;
    this.layer = layer ?? headOf(model, 'embed')[0];
    const names = [...model.namedModules()].map(([name]) => name).filter((name) => name !== '');
    if (names.includes(this.layer)) return;
    const near = nearestNames(this.layer, names).slice(0, 3);
    const hint = near.length > 0 ? `Did you mean ${near.map((name) => `'${name}'`).join(' or ')}?` : '';
    throw new ArgumentError(
      `embed: the model has no layer '${this.layer}'. ${hint || `Its layers are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' and others' : ''}.`}`,
    );
  }

  forward(x: Tensor): Tensor {
    const tapped = new Map(this.model.namedModules()).get(this.layer) as Module;
    let found: Tensor | undefined;
    const handle = this.#takesInput
      ? tapped.registerForwardPreHook((_module, input) => {
          found = rowsOf(this.layer, input);
        })
      : tapped.registerForwardHook((_module, _input, output) => {
          found = rowsOf(this.layer, output);
        });
    try {
      this.model.forward(x);
    } finally {
      handle.remove();
    }
    if (found === undefined)
      throw new ArgumentError(`embed: layer '${this.layer}' does not run when the model predicts.`);
    return found;
  }
}

function rowsOf(layer: string, y: Tensor): Tensor {
  if (y.shape.length === 2) return flatten(y);
  if (y.shape.length === 4) return y.shape[2] * y.shape[3] === 1 ? flatten(y) : globalAvgPool2d(y);
  throw new ShapeError(`embed: layer '${layer}' gives ${formatShape(y.shape)}, but must give [N, F] or [N, F, H, W].`);
}
