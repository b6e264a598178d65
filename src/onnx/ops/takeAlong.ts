import { sizeOf } from '../../base/shape.js';
import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';

/** The entries of an axis at some positions, in their order; a position may be named several times. */
export function takeAlong(x: Tensor, axis: number, positions: readonly number[]): Tensor {
  const length = x.shape[axis];
  const inner = sizeOf(x.shape.slice(axis + 1));
  // Axes may be long where another is empty.
  const outer = x.size === 0 || positions.length === 0 ? 0 : sizeOf(x.shape.slice(0, axis));
  const taken = Int32Array.from(positions);
  const y = Tensor.empty('take', x.shape.with(axis, taken.length));
  runHostKernel('take', [y], [x], ([to], [from]) => {
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < taken.length; k++) {
        const first = (o * length + taken[k]) * inner;
        for (let i = 0; i < inner; i++) to[at++] = from[first + i];
      }
    }
  });
  record(
    'take',
    [x],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      const [given, into] = [dy.data, dx.data];
      let at = 0;
      for (let o = 0; o < outer; o++) {
        for (let k = 0; k < taken.length; k++) {
          const first = (o * length + taken[k]) * inner;
          for (let i = 0; i < inner; i++) into[first + i] += given[at++];
        }
      }
    },
    { attributes: { axis, positions: taken } },
  );
  return y;
}
