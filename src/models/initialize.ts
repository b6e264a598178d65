import { Conv2d } from '../layers/conv2d.js';
import { constant, kaimingNormal, normal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import type { Module } from '../layers/module.js';

/**
 * Starts convolutions normal with variance 2 / fanOut and their biases at zero; with `linearStd`, linear layers normal with
 * that deviation and biases at zero. What torchvision does for its residual and mobile networks.
 *
 * Source: He et al. 2015 (arXiv:1502.01852), equation 14.
 */
export function initialize(model: Module, linearStd?: number): void {
  for (const [, module] of model.namedModules()) {
    if (module instanceof Conv2d) {
      kaimingNormal(module.weight, { mode: 'fanOut' });
      if (module.bias !== null) constant(module.bias, 0);
    } else if (module instanceof Linear && linearStd !== undefined) {
      normal(module.weight, 0, linearStd);
      if (module.bias !== null) constant(module.bias, 0);
    }
  }
}
