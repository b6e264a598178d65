import type { Shape } from '../base/shape.js';
import { Parameter } from '../tensor/parameter.js';
import { fans } from './fans.js';
import { kaimingUniform, uniform } from './init.js';

/**
 * The weight and bias of a new convolution or linear layer: both uniform on [-1, 1] / sqrt(fanIn).
 *
 * Source: PyTorch's default, Kaiming uniform with a slope of sqrt(5), which equals LeCun et al. 1998, "Efficient BackProp".
 */
export function defaultParameters(shape: Shape, outputs: number, bias = true): [Parameter, Parameter | null] {
  const weight = kaimingUniform(new Parameter(null, shape), { slope: Math.sqrt(5) });
  if (!bias) return [weight, null];
  const bound = 1 / Math.sqrt(fans('defaultParameters', shape).fanIn);
  return [weight, uniform(new Parameter(null, [outputs]), -bound, bound)];
}
