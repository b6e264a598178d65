import { normalizeAxis } from '../base/shape.js';
import { abs } from '../tensor/ops/math/abs.js';
import { add } from '../tensor/ops/math/add.js';
import { exp } from '../tensor/ops/math/exp.js';
import { log } from '../tensor/ops/math/log.js';
import { max, min } from '../tensor/ops/math/max.js';
import { mean } from '../tensor/ops/math/mean.js';
import { mul } from '../tensor/ops/math/mul.js';
import type { ReduceOptions } from '../tensor/ops/math/reduction.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { square } from '../tensor/ops/math/square.js';
import { sub } from '../tensor/ops/math/sub.js';
import { sum } from '../tensor/ops/math/sum.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { squeeze } from '../tensor/ops/shape/squeeze.js';
import { Tensor } from '../tensor/tensor.js';
import { everywhere, folded } from './hostArrays.js';
import { inputOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { pointwise } from './ops/pointwise.js';
import { HostArray, numbersOf, toTensor } from './values.js';

type OnTensor = (x: Tensor, axes: number[] | undefined, options: ReduceOptions) => Tensor;

/** How numbers are reduced one by one. */
interface OnNumbers {
  start: number;
  fn: (sum: number, value: number) => number;
}

/** Operations that make one number of many along some axes. */
export const reductions: Record<string, ImportOp> = {
  ReduceMean: reduce(mean),
  ReduceSum: reduce(sum, { start: 0, fn: (a, b) => a + b }),
  ReduceMax: reduce(max, { start: -Infinity, fn: Math.max }),
  ReduceMin: reduce(min, { start: Infinity, fn: Math.min }),
  ReduceProd: reduce(product, { start: 1, fn: (a, b) => a * b }),
  ReduceL1: reduce((x, axes, options) => sum(abs(x), axes, options)),
  ReduceL2: reduce((x, axes, options) => sqrt(sum(square(x), axes, options))),
  ReduceSumSquare: reduce((x, axes, options) => sum(square(x), axes, options)),
  ReduceLogSum: reduce((x, axes, options) => log(sum(x, axes, options))),
  ReduceLogSumExp: reduce(logSumExp),
};

/** Version 13 (18 for most) made the axes an input. */
function reduce(onTensor: OnTensor, onNumbers?: OnNumbers): ImportOp {
  return (node) =>
    ([x, given]) => {
      const value = inputOf(node, x);
      const named = given ? numbersOf(given) : node.ints('axes');
      const none = named === undefined || named.length === 0;
      if (none && node.int('noop_with_empty_axes', 0) === 1) return value;
      const keepDims = node.int('keepdims', 1) === 1;
      if (value instanceof HostArray && onNumbers) {
        const axes = none ? everywhere(value.shape.length) : named;
        return folded(node.title, value, axes, keepDims, onNumbers.start, onNumbers.fn);
      }
      return onTensor(toTensor(value), none ? undefined : named, { keepDims });
    };
}

/** The product, axis by axis and entry by entry: such axes are short. */
function product(x: Tensor, axes: number[] | undefined, { keepDims = false }: ReduceOptions): Tensor {
  const over = axes ?? everywhere(x.shape.length);
  let y = x;
  for (const named of over) {
    const axis = normalizeAxis('ReduceProd', named, x.shape.length);
    const parts = Array.from({ length: y.shape[axis] }, (_, i) => slice(y, axis, i, i + 1));
    y = parts.length === 0 ? Tensor.ones(y.shape.with(axis, 1)) : parts.reduce((a, b) => mul(a, b));
  }
  return keepDims ? y : squeeze(y, over);
}

/** The largest value is taken out first, so that no exponential overflows. */
function logSumExp(x: Tensor, axes: number[] | undefined, { keepDims = false }: ReduceOptions): Tensor {
  const most = max(x, axes, { keepDims: true });
  // Of infinite values the largest stays, rather than becoming NaN.
  const top = pointwise('finite', most, (v) => (Number.isFinite(v) ? v : 0));
  const y = add(log(sum(exp(sub(x, top)), axes, { keepDims: true })), top);
  return keepDims ? y : squeeze(y, axes ?? everywhere(x.shape.length));
}
