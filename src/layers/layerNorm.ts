import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { checkShape, formatShape, type Shape } from '../base/shape.js';
import { layerNorm } from '../tensor/ops/nn/layerNorm.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Options of `LayerNorm`. */
export interface LayerNormLayerOptions {
  /** Added to the variance under the root. Default 1e-5. */
  eps?: number | undefined;
  /** Learns a scale and a shift for each element. Default true. */
  affine?: boolean | undefined;
}

/**
 * Normalizes over the last axes, whose sizes are `normalizedShape`: `layerNorm`.
 *
 * Shapes: x [..., ...normalizedShape] -> the same.
 *
 * Source: Ba, Kiros and Hinton 2016 (arXiv:1607.06450), equation 3.
 */
export class LayerNorm extends Module {
  /** The sizes of the last axes, over which mean and variance are taken. */
  readonly normalizedShape: Shape;
  /** The scale of each position, in the normalized shape, first 1; null without `affine`. */
  readonly weight: Parameter | null;
  /** The shift of each position, in the normalized shape, first 0; null without `affine`. */
  readonly bias: Parameter | null;
  /** Added to the variance before the square root. */
  readonly eps: number;

  constructor(normalizedShape: number | Shape, options: LayerNormLayerOptions = {}) {
    super();
    checkOptions('LayerNorm', options, ['eps', 'affine']);
    const { eps = 1e-5, affine = true } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : checkShape('LayerNorm', normalizedShape);
    for (const n of shape) checkWhole('LayerNorm', 'an axis of normalizedShape', n, 1);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = affine ? Parameter.ones(shape) : null;
    this.bias = affine ? Parameter.zeros(shape) : null;
  }

  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }

  protected override describe(): string {
    const options = { eps: this.eps, affine: this.weight !== null };
    return `${formatShape(this.normalizedShape)}, ${describeOptions(options, { affine: true })}`;
  }
}
