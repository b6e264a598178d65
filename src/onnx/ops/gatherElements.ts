import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';

/** y[i] = x.data[at[i]] in the given shape: elements chosen one by one. */
export function gatherElements(op: string, x: Tensor, shape: readonly number[], at: Int32Array): Tensor {
  const y = Tensor.empty(op, shape);
  runHostKernel(op, [y], [x], ([to], [from]) => {
    for (let i = 0; i < to.length; i++) to[i] = from[at[i]];
  });
  record(op, [x], y, (dy, [dx]) => {
    if (!dx) return;
    const [given, into] = [dy.data, dx.data];
    for (let i = 0; i < given.length; i++) into[at[i]] += given[i];
  });
  return y;
}
