import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * A network that was trained for something else, without its last layer, and a new last layer.
 *
 * Shapes: x [N, C, H, W] -> features [N, F] (maps are averaged) -> logits [N, numClasses].
 */
export class TransferModel extends Module {
  readonly backbone: Module;
  readonly dropout: Dropout;
  readonly head: Linear;

  constructor(backbone: Module, options: { features: number; numClasses: number; dropout?: number | undefined }) {
    super();
    this.backbone = backbone;
    this.dropout = new Dropout(options.dropout ?? 0);
    this.head = new Linear(options.features, options.numClasses);
  }

  /** x [N, C, H, W] -> [N, F]. */
  features(x: Tensor): Tensor {
    const y = this.backbone.forward(x);
    if (y.shape.length === 4) return y.shape[2] * y.shape[3] === 1 ? flatten(y) : globalAvgPool2d(y);
    if (y.shape.length === 2) return y;
    throw new ShapeError(
      `TransferModel: the backbone gives ${formatShape(y.shape)}, but must give [N, F] or [N, F, H, W].`,
    );
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(this.features(x)));
  }
}
