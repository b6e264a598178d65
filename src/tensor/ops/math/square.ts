import { checkTensor } from '../../checkTensor.js';
import type { Tensor } from '../../tensor.js';
import { mul } from './mul.js';

/** x * x, elementwise. */
export function square(x: Tensor): Tensor {
  checkTensor('square', 'x', x);
  return mul(x, x);
}
