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
import { pow } from '../tensor/ops/pow.js';
import { relu } from '../tensor/ops/relu.js';
import { relu6 } from '../tensor/ops/relu6.js';
import { sigmoid } from '../tensor/ops/sigmoid.js';
import { sqrt } from '../tensor/ops/sqrt.js';
import { sub } from '../tensor/ops/sub.js';
import { tanh } from '../tensor/ops/tanh.js';
import { broadcastShapes } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { HostArray, hostSize, numbersOf, toTensor, type Value } from './values.js';

/** Operations on each element. */
export const elementwise: Record<string, ImportOp> = {
  Add: binary(add, (a, b) => a + b),
  Sub: binary(sub, (a, b) => a - b),
  Mul: binary(mul, (a, b) => a * b),
  Div: binary(div, (a, b) => a / b),
  Pow: binary(pow, (a, b) => a ** b),
  Abs: unary(abs, Math.abs),
  Exp: unary(exp, Math.exp),
  Log: unary(log, Math.log),
  Neg: unary(neg, (a) => -a),
  Sqrt: unary(sqrt, Math.sqrt),
  Relu: unary(relu),
  Sigmoid: unary(sigmoid),
  Tanh: unary(tanh),
  Erf: unary(erf),
  HardSwish: unary(hardSwish),
  Floor: unary(null, Math.floor),
  Ceil: unary(null, Math.ceil),
  Elu: (node) => {
    const alpha = node.float('alpha', 1);
    return ([x]) => elu(tensorOf(node, x), alpha);
  },
  LeakyRelu: (node) => {
    const slope = node.float('alpha', 0.01);
    return ([x]) => leakyRelu(tensorOf(node, x), slope);
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

/** The input as a tensor. Throws `FormatError` when the node has none there. */
export function tensorOf(node: ImportNode, value: Value | null | undefined): Tensor {
  if (!value) throw node.error('lacks an input');
  return toTensor(value);
}

/** The input as it is. Throws likewise. */
export function inputOf(node: ImportNode, value: Value | null | undefined): Value {
  if (!value) throw node.error('lacks an input');
  return value;
}

function binary(onTensors: (a: Tensor, b: Tensor) => Tensor, onNumbers: (a: number, b: number) => number): ImportOp {
  return (node) =>
    ([a, b]) => {
      const [x, z] = [inputOf(node, a), inputOf(node, b)];
      if (!(x instanceof HostArray && z instanceof HostArray)) return onTensors(toTensor(x), toTensor(z));
      const shape = broadcastShapes(node.title, x.shape, z.shape);
      const integer = x.integer && z.integer;
      const out = new Float64Array(hostSize(node.title, shape));
      for (let i = 0; i < out.length; i++) {
        const result = onNumbers(x.data[broadcastAt(i, shape, x.shape)], z.data[broadcastAt(i, shape, z.shape)]);
        out[i] = integer ? Math.trunc(result) : result;
      }
      return new HostArray(shape, out, integer);
    };
}

/** Where element i of an array of shape `from` lies in one that was stretched to it. */
function broadcastAt(i: number, from: readonly number[], to: readonly number[]): number {
  let rest = i;
  let at = 0;
  let step = 1;
  for (let k = 1; k <= from.length; k++) {
    const length = from[from.length - k];
    const own = to[to.length - k] ?? 1;
    if (own !== 1) at += (rest % length) * step;
    step *= own;
    rest = Math.floor(rest / length);
  }
  return at;
}

function unary(onTensor: ((x: Tensor) => Tensor) | null, onNumber?: (x: number) => number): ImportOp {
  return (node) =>
    ([input]) => {
      const x = inputOf(node, input);
      if (x instanceof HostArray && onNumber) {
        return new HostArray(x.shape, Float64Array.from(x.data, onNumber), x.integer);
      }
      if (onTensor === null) throw node.error('is only read where it computes shapes');
      return onTensor(toTensor(x));
    };
}

/** max(x, low) = relu(x - low) + low, and likewise from above. */
function clip(x: Tensor, low: number, high: number): Tensor {
  if (low === 0 && high === 6) return relu6(x);
  let y = x;
  if (low === 0) y = relu(y);
  else if (low > -3e38) y = add(relu(sub(y, low)), low);
  return high < 3e38 ? sub(high, relu(sub(high, y))) : y;
}

/** gelu(z) = z/2 (1 + erf(z / sqrt 2)), solved for erf. At 0 the quotient is taken a hair beside it. */
function erf(x: Tensor): Tensor {
  const z = add(mul(x, Math.SQRT2), 1e-20);
  return sub(div(mul(gelu(z), 2), z), 1);
}
