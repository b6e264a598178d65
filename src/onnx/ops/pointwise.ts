import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';

/**
 * y = fn(x) of each element, for what the library has no operation of its own. `slope` gives dy/dx from x and y; without it nothing
 * is learned through y.
 */
export function pointwise(
  op: string,
  x: Tensor,
  fn: (x: number) => number,
  slope: ((x: number, y: number) => number) | null = null,
  attributes: object = {},
): Tensor {
  const y = Tensor.empty(op, x.shape);
  runHostKernel(op, [y], [x], ([to], [from]) => {
    for (let i = 0; i < to.length; i++) to[i] = fn(from[i]);
  });
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (!dx || slope === null) return;
      const [given, inner, outer, into] = [x.data, y.data, dy.data, dx.data];
      for (let i = 0; i < into.length; i++) into[i] += outer[i] * slope(given[i], inner[i]);
    },
    { attributes },
  );
  return y;
}

/** y = min(max(x, low), high), exactly; NaN stays. Its gradient goes where x lies between the bounds. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const [least, most] = [Math.fround(low), Math.fround(high)];
  const y = Tensor.empty('clip', x.shape);
  runHostKernel('clip', [y], [x], ([to], [from]) => {
    for (let i = 0; i < to.length; i++) {
      const v = from[i];
      const raised = v < least ? least : v;
      to[i] = raised > most ? most : raised;
    }
  });
  record(
    'clip',
    [x],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      const [given, outer, into] = [x.data, dy.data, dx.data];
      for (let i = 0; i < into.length; i++) if (given[i] >= least && given[i] <= most) into[i] += outer[i];
    },
    { attributes: { low: least, high: most } },
  );
  return y;
}
