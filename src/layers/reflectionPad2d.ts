import type { Padding } from '../kernels/geometry.js';
import { pad } from '../tensor/ops/shape/pad.js';
import type { Tensor } from '../tensor/tensor.js';
import { describeOptions } from './describe.js';
import { Module } from './module.js';

/** Pads the image with its mirror image, without repeating the edge, as a layer: `pad`. Takes one number, [height, width] or [top, right, bottom, left]. */
export class ReflectionPad2d extends Module {
  constructor(/** Pixels on each side. */ readonly padding: Exclude<Padding, string>) {
    super();
  }

  forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: 'reflect' });
  }

  protected override describe(): string {
    return describeOptions({ padding: this.padding });
  }
}
