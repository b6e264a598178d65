import { ArgumentError } from '../../../base/errors.js';
import { randomStream } from '../../../base/random.js';
import { checkShape, formatShape, type Shape } from '../../../base/shape.js';
import { checkNumber } from '../../checkArguments.js';
import { Tensor } from '../../tensor.js';

/**
 * Draws from the normal distribution with mean 0 and variance 1. `manualSeed` decides the numbers.
 *
 * @example
 * randn([8, 3, 32, 32]).shape; // [8, 3, 32, 32]
 */
export function randn(shape: Shape): Tensor {
  const random = randomStream('tensor');
  return drawn('randn', shape, () => random.normal());
}

/**
 * Draws evenly from low up to, not including, high (but for rounding to float32). `manualSeed` decides the numbers.
 *
 * Throws `ArgumentError` unless low <= high, both finite.
 */
export function uniform(shape: Shape, low = 0, high = 1): Tensor {
  const axes = checkShape('uniform', shape);
  checkNumber('uniform', 'low', low);
  checkNumber('uniform', 'high', high);
  if (!(Number.isFinite(high - low) && low <= high)) {
    throw new ArgumentError(
      `uniform: low is ${low} and high is ${high} for shape ${formatShape(axes)}; low must not exceed high, both finite.`,
    );
  }
  const random = randomStream('tensor');
  return drawn('uniform', axes, () => low + (high - low) * random.uniform());
}

function drawn(op: string, shape: Shape, draw: () => number): Tensor {
  const y = Tensor.empty(op, checkShape(op, shape));
  const data = y.data;
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return y;
}
