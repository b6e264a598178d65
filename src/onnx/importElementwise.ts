import { abs } from '../tensor/ops/abs.js';
import { add } from '../tensor/ops/add.js';
import { div } from '../tensor/ops/div.js';
import { exp } from '../tensor/ops/exp.js';
import { log } from '../tensor/ops/log.js';
import { mul } from '../tensor/ops/mul.js';
import { neg } from '../tensor/ops/neg.js';
import { pow } from '../tensor/ops/pow.js';
import { relu } from '../tensor/ops/relu.js';
import { sqrt } from '../tensor/ops/sqrt.js';
import { sub } from '../tensor/ops/sub.js';
import type { Tensor } from '../tensor/tensor.js';
import { combine } from './hostArrays.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { HostArray, toTensor, type Value } from './values.js';

type OnTensors = (a: Tensor, b: Tensor) => Tensor;
type OnNumbers = (a: number, b: number) => number;

const maximum: OnTensors = (a, b) => add(b, relu(sub(a, b)));
const minimum: OnTensors = (a, b) => sub(b, relu(sub(b, a)));

/** Arithmetic on each element, of tensors and of the numbers that shapes are computed from. */
export const elementwise: Record<string, ImportOp> = {
  Add: binary(add, (a, b) => a + b),
  Sub: binary(sub, (a, b) => a - b),
  Mul: binary(mul, (a, b) => a * b),
  Div: binary(div, (a, b) => a / b),
  Pow: binary(pow, (a, b) => a ** b),
  // The sign of the result is the divisor's, as in Python, unless fmod asks for C's.
  Mod: (node) => {
    const likeC = node.int('fmod', 0) === 1;
    return binary(null, (a, b) => (likeC ? a % b : a - b * Math.floor(a / b)))(node);
  },
  Max: several(maximum, Math.max),
  Min: several(minimum, Math.min),
  Sum: several(add, (a, b) => a + b),
  Mean: (node) => (inputs, training) => {
    const sum = toTensor(several(add, (a, b) => a + b)(node)(inputs, training) as Value);
    return div(sum, inputs.length);
  },
  Abs: unary(abs, Math.abs),
  Exp: unary(exp, Math.exp),
  Log: unary(log, Math.log),
  Neg: unary(neg, (a) => -a),
  Sqrt: unary(sqrt, Math.sqrt),
  Reciprocal: unary(
    (x) => div(1, x),
    (a) => 1 / a,
  ),
  Floor: unary(null, Math.floor),
  Ceil: unary(null, Math.ceil),
  Sign: unary(null, Math.sign),
};

/** The input as a tensor. Throws `FormatError` when the node has none there. */
export function tensorOf(node: ImportNode, value: Value | null | undefined): Tensor {
  return toTensor(inputOf(node, value));
}

/** The input as it is. Throws likewise. */
export function inputOf(node: ImportNode, value: Value | null | undefined): Value {
  if (!value) throw node.error('lacks an input');
  return value;
}

function binary(onTensors: OnTensors | null, onNumbers: OnNumbers): ImportOp {
  return (node) =>
    ([a, b]) =>
      both(node, onTensors, onNumbers, inputOf(node, a), inputOf(node, b));
}

function several(onTensors: OnTensors, onNumbers: OnNumbers): ImportOp {
  return (node) => (inputs) =>
    inputs.map((x) => inputOf(node, x)).reduce((a, b) => both(node, onTensors, onNumbers, a, b));
}

function both(node: ImportNode, onTensors: OnTensors | null, onNumbers: OnNumbers, a: Value, b: Value): Value {
  if (a instanceof HostArray && b instanceof HostArray) return combine(node.title, a, b, onNumbers);
  if (onTensors === null) throw node.error('is only read where it computes shapes');
  return onTensors(toTensor(a), toTensor(b));
}

function unary(onTensor: ((x: Tensor) => Tensor) | null, onNumber: (x: number) => number): ImportOp {
  return (node) =>
    ([input]) => {
      const x = inputOf(node, input);
      if (x instanceof HostArray) return new HostArray(x.shape, Float64Array.from(x.data, onNumber), x.integer);
      if (onTensor === null) throw node.error('is only read where it computes shapes');
      return onTensor(x);
    };
}
