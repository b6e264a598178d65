import { roundHalfEven } from '../../../onnx/ops/quantize.js';
import { runHostKernel } from '../../../tensor/hostKernel.js';
import type { Parameter } from '../../../tensor/parameter.js';
import { record } from '../../../tensor/tape.js';
import { Tensor } from '../../../tensor/tensor.js';

/** Which bytes there are, and which of them stands for 0 when the step is first needed. */
export interface LearnedRange {
  readonly low: number;
  readonly high: number;
  zero: number;
}

/**
 * y = s * (cut(round(x / s) + zero) - zero) for each of the equal parts of x that `step` has a number s for. The gradient of x is that of the identity
 * where nothing is cut. That of s is round(x / s) - x / s there, and the byte beyond which x was cut, minus zero, elsewhere; both times
 * 1 / sqrt(n * most), where n counts the numbers that share s and most is the largest byte minus zero.
 *
 * `begin` sets the step before it is first used, and anew where training drove it below 0.
 *
 * Source: Esser et al. 2020, "Learned step size quantization" (arXiv:1902.08153), equations 1 to 5 and section 2.2. The step is given by the range of
 * what is seen first, and activations with numbers below 0 have a zero point, which stays.
 */
export function learnedQuantize(
  x: Tensor,
  step: Parameter,
  range: LearnedRange,
  count: number,
  begin: (values: Float32Array) => { readonly scale: number; readonly zero: number },
): Tensor {
  const { low, high } = range;
  const y = Tensor.empty('learnedQuantize', x.shape);
  const groups = step.size;
  runHostKernel('learnedQuantize', [y], [x, step], ([to], [from, own]) => {
    const [values, steps] = [from, own] as [Float32Array, Float32Array];
    const size = values.length / groups;
    for (let group = 0; group < groups; group++) {
      const part = values.subarray(group * size, (group + 1) * size);
      if (!((steps[group] as number) > 0)) {
        const { scale, zero } = begin(part);
        steps[group] = scale;
        range.zero = zero;
      }
      const s = steps[group] as number;
      for (let i = 0; i < size; i++) {
        (to as Float32Array)[group * size + i] = s * (cut((part[i] as number) / s, range.zero, low, high) - range.zero);
      }
    }
  });
  record('learnedQuantize', [x, step], y, (dy, [dx, dStep]) => {
    const [values, steps, outer] = [x.data, step.data, dy.data];
    const size = values.length / groups;
    const weight = 1 / Math.sqrt(count * Math.max(1, high - range.zero));
    for (let group = 0; group < groups; group++) {
      const s = steps[group] as number;
      let sum = 0;
      for (let i = group * size; i < (group + 1) * size; i++) {
        const ratio = (values[i] as number) / s;
        const byte = roundHalfEven(ratio) + range.zero;
        const isInside = byte >= low && byte <= high;
        if (isInside && dx) dx.data[i] = (dx.data[i] as number) + (outer[i] as number);
        const slope = isInside ? byte - range.zero - ratio : (byte < low ? low : high) - range.zero;
        sum += (outer[i] as number) * slope;
      }
      if (dStep) dStep.data[group] = (dStep.data[group] as number) + weight * sum;
    }
  });
  return y;
}

function cut(ratio: number, zero: number, low: number, high: number): number {
  const byte = roundHalfEven(ratio) + zero;
  return byte < low ? low : byte > high ? high : byte;
}
