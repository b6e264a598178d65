import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/** Returns x itself: the place of a layer that is not wanted. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}
