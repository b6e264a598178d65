import { broadcastShapes } from '../../base/shape.js';
import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { sourceOf } from './stretched.js';

/** a where `mask` is not 0, b elsewhere, with broadcasting. What is not chosen does not matter, not even NaN. */
export function where(mask: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes('where', broadcastShapes('where', a.shape, b.shape), mask.shape);
  const y = Tensor.empty('where', shape);
  const [m, p, q] = [mask, a, b].map((t) => sourceOf(shape, t.shape));
  runHostKernel('where', [y], [mask, a, b], ([to], [which, x, z]) => {
    for (let i = 0; i < to.length; i++) {
      const chosen = which[m.at ? m.at[i] : i * m.step] !== 0;
      to[i] = chosen ? x[p.at ? p.at[i] : i * p.step] : z[q.at ? q.at[i] : i * q.step];
    }
  });
  record('where', [mask, a, b], y, (dy, [, da, db]) => {
    const [which, outer, intoA, intoB] = [mask.data, dy.data, da?.data, db?.data];
    for (let i = 0; i < outer.length; i++) {
      const chosen = which[m.at ? m.at[i] : i * m.step] !== 0;
      if (chosen && intoA) intoA[p.at ? p.at[i] : i * p.step] += outer[i];
      if (!chosen && intoB) intoB[q.at ? q.at[i] : i * q.step] += outer[i];
    }
  });
  return y;
}
