import { expectOwn } from '../../../base/copies.js';
import type { Shape } from '../../../base/shape.js';
import { accumulate, record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/** `x` under another shape of the same size, sharing its memory. Reading `x.floats` throws if x was released. */
export function view(op: string, x: Tensor, shape: Shape): Tensor {
  expectOwn(op, x);
  const y = new Tensor(x.floats && x.storage.retain(), shape);
  record(
    op,
    [x],
    y,
    (dy, [dx]) => {
      if (dx) accumulate(dx, dy);
    },
    { passThrough: true },
  );
  return y;
}
