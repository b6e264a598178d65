import { add } from '../tensor/ops/add.js';
import { mul } from '../tensor/ops/mul.js';
import { Tensor } from '../tensor/tensor.js';
import { combine } from './hostArrays.js';
import { inputOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { HostArray, hostSize, toHost, toTensor, type Value } from './values.js';

/**
 * Comparisons and what is chosen by them. Truth is a number, 1 or 0, and never a tensor: nothing is learned through it, and in
 * classifiers it mostly chooses between shapes.
 */
export const logic: Record<string, ImportOp> = {
  Equal: compare((a, b) => a === b),
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  And: compare((a, b) => a !== 0 && b !== 0),
  Or: compare((a, b) => a !== 0 || b !== 0),
  Xor: compare((a, b) => (a !== 0) !== (b !== 0)),
  Not:
    (node) =>
    ([x]) => {
      const { shape, data } = toHost(inputOf(node, x));
      return new HostArray(
        shape,
        Float64Array.from(data, (v) => (v === 0 ? 1 : 0)),
        true,
      );
    },
  Where:
    (node) =>
    ([condition, x, y]) => {
      const mask = toHost(inputOf(node, condition));
      const [a, b] = [inputOf(node, x), inputOf(node, y)];
      if (!(a instanceof Tensor || b instanceof Tensor)) {
        const integer = a.integer && b.integer;
        // Two rounds, since what is not chosen may be infinite, and 0 times that is NaN.
        const chosen = combine(node.title, exact(mask), exact(a), (m, v) => (m === 0 ? Number.NaN : v));
        const { shape, data } = combine(node.title, chosen, exact(b), (v, w) => (Number.isNaN(v) ? w : v));
        return new HostArray(shape, data, integer);
      }
      hostSize(node.title, mask.shape);
      const not = Float32Array.from(mask.data, (m) => 1 - m);
      return add(mul(toTensor(mask), finite(a)), mul(Tensor.from(not, mask.shape), finite(b)));
    },
};

function compare(holds: (a: number, b: number) => boolean): ImportOp {
  return (node) =>
    ([a, b]) => {
      const [x, z] = [toHost(inputOf(node, a)), toHost(inputOf(node, b))];
      const { shape, data } = combine(node.title, exact(x), exact(z), (v, w) => (holds(v, w) ? 1 : 0));
      return new HostArray(shape, data, true);
    };
}

/** The same numbers, which results are not cut to whole ones of. */
function exact({ shape, data }: HostArray): HostArray {
  return new HostArray(shape, data, false);
}

const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127;

/** Constants that stand for "never", as in a mask before softmax: the largest float does as well, and 0 times it is 0. */
function finite(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  return Tensor.from(
    Float32Array.from(value.data, (v) => Math.max(-LARGEST_FLOAT, Math.min(LARGEST_FLOAT, v))),
    value.shape,
  );
}
