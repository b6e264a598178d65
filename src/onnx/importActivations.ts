import { abs } from '../tensor/ops/abs.js';
import { add } from '../tensor/ops/add.js';
import { div } from '../tensor/ops/div.js';
import { elu } from '../tensor/ops/elu.js';
import { exp } from '../tensor/ops/exp.js';
import { gelu } from '../tensor/ops/gelu.js';
import { hardSigmoid } from '../tensor/ops/hardSigmoid.js';
import { hardSwish } from '../tensor/ops/hardSwish.js';
import { leakyRelu } from '../tensor/ops/leakyRelu.js';
import { log } from '../tensor/ops/log.js';
import { mul } from '../tensor/ops/mul.js';
import { neg } from '../tensor/ops/neg.js';
import { relu } from '../tensor/ops/relu.js';
import { relu6 } from '../tensor/ops/relu6.js';
import { sigmoid } from '../tensor/ops/sigmoid.js';
import { sub } from '../tensor/ops/sub.js';
import { tanh } from '../tensor/ops/tanh.js';
import type { Tensor } from '../tensor/tensor.js';
import { tensorOf } from './importElementwise.js';
import type { ImportOp } from './importNode.js';
import { numbersOf } from './values.js';

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
  Elu: (node) => {
    const alpha = node.float('alpha', 1);
    return ([x]) => elu(tensorOf(node, x), alpha);
  },
  Selu: (node) => {
    const [alpha, gamma] = [node.float('alpha', 1.6732632), node.float('gamma', 1.050701)];
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
  PRelu:
    (node) =>
    ([input, slope]) => {
      const x = tensorOf(node, input);
      return sub(relu(x), mul(tensorOf(node, slope), relu(neg(x))));
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
    return ([x, min, max]) => clip(tensorOf(node, x), min ? numbersOf(min)[0] : least, max ? numbersOf(max)[0] : most);
  },
};

function each(fn: (x: Tensor) => Tensor): ImportOp {
  return (node) =>
    ([x]) =>
      fn(tensorOf(node, x));
}

/** max(x, low) = relu(x - low) + low, and likewise from above. */
function clip(x: Tensor, low: number, high: number): Tensor {
  if (low === 0 && high === 6) return relu6(x);
  let y = x;
  if (low === 0) y = relu(y);
  else if (low > -3e38) y = add(relu(sub(y, low)), low);
  return high < 3e38 ? sub(high, relu(sub(high, y))) : y;
}

/** log(1 + exp(x)) = relu(x) + log(1 + exp(-|x|)), whose exponential does not overflow. */
function softplus(x: Tensor): Tensor {
  return add(relu(x), log(add(exp(neg(abs(x))), 1)));
}

/** gelu(z) = z/2 (1 + erf(z / sqrt 2)), solved for erf. At 0 the quotient is taken a hair beside it. */
function erf(x: Tensor): Tensor {
  const z = add(mul(x, Math.SQRT2), 1e-20);
  return sub(div(mul(gelu(z), 2), z), 1);
}
