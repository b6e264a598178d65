import { abs } from '../tensor/ops/math/abs.js';
import { add } from '../tensor/ops/math/add.js';
import { div } from '../tensor/ops/math/div.js';
import { mul } from '../tensor/ops/math/mul.js';
import { neg } from '../tensor/ops/math/neg.js';
import { sub } from '../tensor/ops/math/sub.js';
import { elu } from '../tensor/ops/nn/elu.js';
import { gelu } from '../tensor/ops/nn/gelu.js';
import { hardSigmoid } from '../tensor/ops/nn/hardSigmoid.js';
import { hardSwish } from '../tensor/ops/nn/hardSwish.js';
import { leakyRelu } from '../tensor/ops/nn/leakyRelu.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { relu6 } from '../tensor/ops/nn/relu6.js';
import { sigmoid } from '../tensor/ops/nn/sigmoid.js';
import { silu } from '../tensor/ops/nn/silu.js';
import { tanh } from '../tensor/ops/nn/tanh.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import type { Tensor } from '../tensor/tensor.js';
import { mapped } from './hostArrays.js';
import { inputOf, tensorOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { clip, pointwise } from './ops/pointwise.js';
import { HostArray, numbersOf } from './values.js';

/** What follows a convolution or a product; those that this library has no operation for are made of those it has. */
export const activations: Record<string, ImportOp> = {
  Relu: each(relu),
  Sigmoid: each(sigmoid),
  Tanh: each(tanh),
  Erf: each(erf),
  HardSwish: each(hardSwish),
  Softplus: each(softplus),
  Softsign: each((x) => div(x, add(abs(x), 1))),
  Mish: each((x) => mul(x, tanh(softplus(x)))),
  Swish: (node) => {
    const alpha = node.float('alpha', 1);
    return ([input]) => {
      const x = tensorOf(node, input);
      return alpha === 1 ? silu(x) : mul(x, sigmoid(mul(x, alpha)));
    };
  },
  Elu: (node) => {
    const alpha = node.float('alpha', 1);
    return ([x]) => elu(tensorOf(node, x), alpha);
  },
  Selu: (node) => {
    const [alpha, gamma] = [
      node.float('alpha', node.opset < 6 ? 1.6732 : 1.6732632),
      node.float('gamma', node.opset < 6 ? 1.0507 : 1.050701),
    ];
    return ([x]) => mul(elu(tensorOf(node, x), alpha), gamma);
  },
  Celu: (node) => {
    const alpha = node.float('alpha', 1);
    return ([x]) => mul(elu(div(tensorOf(node, x), alpha), 1), alpha);
  },
  LeakyRelu: (node) => {
    const slope = node.float('alpha', 0.01);
    return ([x]) => leakyRelu(tensorOf(node, x), slope);
  },
  ThresholdedRelu: (node) => {
    const alpha = Math.fround(node.float('alpha', 1));
    const fn = (v: number): number => (v > alpha ? v : 0);
    return ([x]) => pointwise('thresholdedRelu', tensorOf(node, x), fn, (v) => (v > alpha ? 1 : 0), { alpha });
  },
  Shrink: (node) => {
    const [bias, lambda] = [node.float('bias', 0), node.float('lambd', 0.5)];
    const fn = (v: number): number => (v < -lambda ? v + bias : v > lambda ? v - bias : 0);
    const slope = (v: number): number => (Math.abs(v) > lambda ? 1 : 0);
    return ([x]) => pointwise('shrink', tensorOf(node, x), fn, slope, { bias, lambda });
  },
  PRelu:
    (node) =>
    ([input, slope]) => {
      const x = tensorOf(node, input);
      let w = tensorOf(node, slope);
      // Before version 7 a list of slopes was one for each channel.
      if (node.opset < 7 && w.shape.length === 1 && w.size > 1) {
        w = reshape(w, [w.size, ...new Array<number>(Math.max(0, x.shape.length - 2)).fill(1)]);
      }
      return sub(relu(x), mul(w, relu(neg(x))));
    },
  Gelu: (node) => {
    const approximate = node.text('approximate', 'none') === 'tanh' ? 'tanh' : 'none';
    return ([x]) => gelu(tensorOf(node, x), { approximate });
  },
  HardSigmoid: (node) => {
    const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)];
    // Files round 1/6, to 4 digits or to float32.
    if (Math.abs(alpha - 1 / 6) < 1e-4 && beta === 0.5) return ([x]) => hardSigmoid(tensorOf(node, x));
    return ([x]) => clip(add(mul(tensorOf(node, x), alpha), beta), 0, 1);
  },
  Clip: (node) => {
    const [least, most] = [node.float('min', -Infinity), node.float('max', Infinity)];
    return ([input, min, max]) => {
      const x = inputOf(node, input);
      const low = (min && numbersOf(min)[0]) ?? least;
      const high = (max && numbersOf(max)[0]) ?? most;
      node.check(!(Number.isNaN(low) || Number.isNaN(high)), `has the bounds ${low} and ${high}`);
      if (x instanceof HostArray) return mapped(node.title, x, (v) => Math.min(Math.max(v, low), high));
      if (low === 0 && high === 6) return relu6(x);
      return low === 0 && high === Infinity ? relu(x) : clip(x, low, high);
    };
  },
};

function each(fn: (x: Tensor) => Tensor): ImportOp {
  return (node) =>
    ([x]) =>
      fn(tensorOf(node, x));
}

/** log(1 + exp(x)), where neither overflows nor vanishes: the exponential is at most 1. */
function softplus(x: Tensor): Tensor {
  const fn = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
  return pointwise('softplus', x, fn, (v) => 1 / (1 + Math.exp(-v)));
}

/**
 * gelu(z) = z/2 (1 + erf(z / sqrt 2)), solved for erf, which is 1 in float32 from 4 on. At 0 the quotient is taken a hair beside it.
 */
function erf(x: Tensor): Tensor {
  const z = add(mul(clip(x, -4, 4), Math.SQRT2), 1e-20);
  return sub(div(mul(gelu(z), 2), z), 1);
}
