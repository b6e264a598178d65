import { roundHalfEven } from '../../../onnx/ops/quantize.js';
import { runHostKernel } from '../../../tensor/hostKernel.js';
import { record } from '../../../tensor/tape.js';
import { Tensor } from '../../../tensor/tensor.js';

/** Tells the scale and zero point of so many numbers, as the values that are about to be rounded have them. */
export type ScaleOf = (values: Float32Array) => { readonly scale: number; readonly zero: number };

/**
 * y = scale * (cut(round(x / scale) + zero) - zero) for each of `groups` equal parts of x: what bytes would be read as. Its gradient is that of
 * the identity where nothing is cut, and 0 elsewhere: rounding has none that would teach anything.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3; the straight-through estimator of Bengio et al. 2013 (arXiv:1308.3432).
 */
export function fakeQuantize(x: Tensor, groups: number, scaleOf: ScaleOf, low: number, high: number): Tensor {
  const y = Tensor.empty('fakeQuantize', x.shape);
  const inside = new Uint8Array(x.size);
  runHostKernel('fakeQuantize', [y], [x], ([to], [from]) => {
    const [target, source] = [to as Float32Array, from as Float32Array];
    const size = source.length / groups;
    for (let group = 0; group < groups; group++) {
      const { scale, zero } = scaleOf(source.subarray(group * size, (group + 1) * size));
      for (let i = group * size; i < (group + 1) * size; i++) {
        const byte = roundHalfEven((source[i] as number) / scale) + zero;
        const cut = byte < low ? low : byte > high ? high : byte;
        inside[i] = cut === byte ? 1 : 0;
        target[i] = scale * (cut - zero);
      }
    }
  });
  record('fakeQuantize', [x], y, (dy, [dx]) => {
    if (!dx) return;
    const [outer, into] = [dy.data, dx.data];
    for (let i = 0; i < into.length; i++) if (inside[i] === 1) into[i] = (into[i] as number) + (outer[i] as number);
  });
  return y;
}
