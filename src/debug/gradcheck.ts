import { checkOptions } from '../base/checkOptions.js';
import { RandomStream } from '../base/random.js';
import type { Shape } from '../base/shape.js';
import { sizeOf } from '../base/shape.js';
import { kernelsInUse, withKernels } from '../kernels/family.js';
import { inFloat64 } from '../memory/memory.js';
import { withoutTape } from '../tensor/scope.js';
import { withTape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';

/** An input of a gradient check: its shape, and its values unless drawn from the normal distribution. */
export interface GradcheckInput {
  /** The shape of the input. */
  shape: Shape;
  /** Its values in row-major order. */
  values?: ArrayLike<number> | undefined;
}

/** What `gradcheck` found. */
export interface GradcheckResult {
  /** The largest |analytic - numeric| / max(1, |analytic|, |numeric|) over all elements of all inputs. */
  maxError: number;
  /** Where it is, as in `input 1 [7]: analytic 0.25, numeric 0.75`. */
  worst: string;
}

/**
 * Compares the backward pass of `fn` with central differences, in float64 on the plain (or reference) kernels.
 *
 * The output is weighed by a random cotangent v: L = sum v * fn(x), so that errors cannot cancel as they do under a plain sum
 * (a wrong softmax backward passes under sum, because softmax sums to 1). A correct op has a `maxError` around 1e-8.
 *
 * `fn` gets the inputs as tensors and must be deterministic. Values near a kink (relu at 0, ties of a maximum) have no derivative:
 * keep away from them.
 *
 * @example
 * gradcheck((x, w) => conv2d(x, w, null, { padding: 1 }), [{ shape: [1, 2, 5, 5] }, { shape: [3, 2, 3, 3] }]).maxError; // 2e-9
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly GradcheckInput[],
  options: { seed?: string | undefined; step?: number | undefined } = {},
): GradcheckResult {
  checkOptions('gradcheck', options, ['seed', 'step']);
  const random = new RandomStream(options.seed ?? 'gradcheck');
  const table = kernelsInUse() === 'reference' ? 'reference' : 'plain';
  return withKernels(table, () => inFloat64(() => check(fn, inputs, random, options.step ?? 1e-5)));
}

function check(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly GradcheckInput[],
  random: RandomStream,
  step: number,
): GradcheckResult {
  const normals = (n: number): number[] => Array.from({ length: n }, () => random.normal());
  const xs = inputs.map(({ shape, values }) => Tensor.from(values ?? normals(sizeOf(shape)), shape));
  let cotangent: number[] = [];
  const analytic = withTape((tape) => {
    const y = fn(...xs);
    cotangent = normals(y.size);
    return tape.gradient(y, xs, { cotangent: Tensor.from(cotangent, y.shape) }).map((dx) => [...dx.data]);
  });
  const weighed = (): number =>
    withoutTape(() => {
      const y = fn(...xs).data;
      let sum = 0;
      for (let i = 0; i < y.length; i++) sum += y[i] * cotangent[i];
      return sum;
    });
  const result: GradcheckResult = { maxError: 0, worst: 'none' };
  xs.forEach((x, input) => {
    for (let i = 0; i < x.size; i++) {
      const value = x.data[i];
      const h = step * Math.max(1, Math.abs(value));
      x.data[i] = value + h;
      const above = weighed();
      x.data[i] = value - h;
      const below = weighed();
      x.data[i] = value;
      const numeric = (above - below) / (2 * h);
      const exact = analytic[input][i];
      const error = Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric));
      if (!(error <= result.maxError)) {
        result.maxError = error;
        result.worst = `input ${input} [${i}]: analytic ${exact}, numeric ${numeric}`;
      }
    }
  });
  for (const x of xs) x.dispose();
  return result;
}
