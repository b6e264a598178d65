import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Dropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';
import { hellinger } from './hellinger.js';

/** What is done to features before the last layer. */
export type FeatureNorm = 'none' | 'hellinger';

/** The head of a `TransferModel`. */
export interface TransferModelOptions {
  /** Numbers that the backbone gives per picture. */
  features: number;
  /** Outputs of the head. */
  numClasses: number;
  /** Before the last layer. Default 0. */
  dropout?: number | undefined;
  /** Default 'none'. See `hellinger`. */
  featureNorm?: FeatureNorm | undefined;
}

/**
 * A network that was trained for something else, without its last layer, and a new last layer.
 *
 * Shapes: x [N, C, H, W] -> features [N, F] (maps are averaged) -> logits [N, numClasses].
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 */
export class TransferModel extends Module {
  readonly backbone: Module;
  readonly dropout: Dropout;
  readonly head: Linear;
  /** How features are scaled before the head. */
  readonly featureNorm: FeatureNorm;

  constructor(backbone: Module, options: TransferModelOptions) {
    super();
    checkOptions('TransferModel', options, ['features', 'numClasses', 'dropout', 'featureNorm']);
    const { features, numClasses, dropout = 0, featureNorm = 'none' } = options;
    if (featureNorm !== 'none' && featureNorm !== 'hellinger') {
      throw new ArgumentError(
        `TransferModel: featureNorm is '${String(featureNorm)}', but must be 'none' or 'hellinger'.`,
      );
    }
    this.backbone = backbone;
    this.dropout = new Dropout(dropout);
    this.head = new Linear(features, numClasses);
    this.featureNorm = featureNorm;
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(this.normed(pooled(this.backbone.forward(x)))));
  }

  /** Features as the last layer takes them: [N, F] -> [N, F]. */
  normed(features: Tensor): Tensor {
    return this.featureNorm === 'hellinger' ? hellinger(features) : features;
  }
}

/** What a backbone gives, as one row of features per picture. */
export function pooled(y: Tensor): Tensor {
  if (y.shape.length === 4) return y.shape[2] * y.shape[3] === 1 ? flatten(y) : globalAvgPool2d(y);
  if (y.shape.length === 2) return y;
  throw new ShapeError(
    `TransferModel: the backbone gives ${formatShape(y.shape)}, but must give [N, F] or [N, F, H, W].`,
  );
}
