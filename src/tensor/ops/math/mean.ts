import type { Tensor } from '../../tensor.js';
import type { ReduceOptions } from './reduction.js';
import { scaledSum } from './sum.js';

/** The mean over the given axes, or over all of them: as `sum`, divided by the number of summands. NaN for none. */
export function mean(x: Tensor, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return scaledSum('mean', x, axes, options, (count) => 1 / count);
}
