import { flatten } from '../tensor/ops/shape/flatten.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** Joins all axes from `startAxis` on, as a layer: `flatten`. [N, C, H, W] -> [N, C*H*W]. */
export class Flatten extends Module {
  constructor(/** The first of the axes that become one. */ readonly startAxis = 1) {
    super();
  }

  forward(x: Tensor): Tensor {
    return flatten(x, this.startAxis);
  }

  protected override describe(): string {
    return `startAxis=${this.startAxis}`;
  }
}
