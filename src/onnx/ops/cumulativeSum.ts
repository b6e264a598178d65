import { sizeOf } from '../../base/shape.js';
import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';

/** The sum of all entries of an axis up to each one, or from it on (`reverse`); without itself where `exclusive`. */
export function cumulativeSum(x: Tensor, axis: number, options: { reverse: boolean; exclusive: boolean }): Tensor {
  const length = x.shape[axis];
  const inner = sizeOf(x.shape.slice(axis + 1));
  const run = (from: ArrayLike<number>, into: Float32Array, backwards: boolean): void => {
    for (let line = 0; line * length < from.length; line++) {
      const first = Math.floor(line / inner) * length * inner + (line % inner);
      let sum = 0;
      for (let k = 0; k < length; k++) {
        const at = first + (backwards ? length - 1 - k : k) * inner;
        if (!options.exclusive) sum += from[at];
        into[at] += sum;
        if (options.exclusive) sum += from[at];
      }
    }
  };
  const y = Tensor.empty('cumulativeSum', x.shape);
  runHostKernel('cumulativeSum', [y], [x], ([to], [from]) => {
    to.fill(0);
    run(from, to, options.reverse);
  });
  record(
    'cumulativeSum',
    [x],
    y,
    (dy, [dx]) => {
      if (dx) run(dy.data, dx.data, !options.reverse);
    },
    { attributes: { axis, ...options } },
  );
  return y;
}
