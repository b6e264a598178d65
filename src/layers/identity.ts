import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** Returns x itself. Use it in place of a layer you do not need. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
