import { abs } from '../tensor/ops/math/abs.js';
import { add } from '../tensor/ops/math/add.js';
import { div } from '../tensor/ops/math/div.js';
import { exp } from '../tensor/ops/math/exp.js';
import { log } from '../tensor/ops/math/log.js';
import { mul } from '../tensor/ops/math/mul.js';
import { neg } from '../tensor/ops/math/neg.js';
import { pow } from '../tensor/ops/math/pow.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { sub } from '../tensor/ops/math/sub.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { Tensor } from '../tensor/tensor.js';
import { combine, mapped } from './hostArrays.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { maximum, minimum, pairwise } from './ops/pairwise.js';
import { pointwise } from './ops/pointwise.js';
import { roundHalfEven } from './ops/quantize.js';
import { HostArray, isWhole, markWhole, toTensor, type Value } from './values.js';

type OnTensors = (a: Tensor, b: Tensor) => Tensor;
type OnNumbers = (a: number, b: number) => number;

/** Arithmetic on each element, of tensors and of the numbers that shapes are computed from. */
export const elementwise: Record<string, ImportOp> = {
  Add: binary(add, (a, b) => a + b),
  Sub: binary(sub, (a, b) => a - b),
  Mul: binary(mul, (a, b) => a * b),
  Div: binary(
    (a, b) => (isWhole(a) && isWhole(b) ? pointwise('truncate', div(a, b), Math.trunc) : div(a, b)),
    (a, b) => a / b,
  ),
  Pow: binary(pow, (a, b) => a ** b),
  // The sign of the result is the divisor's, as in Python, unless fmod asks for C's.
  Mod: (node) => {
    const likeC = node.int('fmod', 0) === 1;
    const fn: OnNumbers = likeC ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b);
    const slopes = [() => 1, (a: number, b: number) => (fn(a, b) - a) / b] as const;
    return binary((a, b) => pairwise(likeC ? 'fmod' : 'mod', a, b, fn, slopes), fn)(node);
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
  Floor: rounding('floor', Math.floor),
  Ceil: rounding('ceil', Math.ceil),
  Round: rounding('round', roundHalfEven),
  Sign: rounding('sign', Math.sign),
  Sin: smooth('sin', Math.sin, Math.cos),
  Cos: smooth('cos', Math.cos, (x) => -Math.sin(x)),
  Tan: smooth('tan', Math.tan, (_, y) => 1 + y * y),
  Asin: smooth('asin', Math.asin, (x) => 1 / Math.sqrt(1 - x * x)),
  Acos: smooth('acos', Math.acos, (x) => -1 / Math.sqrt(1 - x * x)),
  Atan: smooth('atan', Math.atan, (x) => 1 / (1 + x * x)),
  Sinh: smooth('sinh', Math.sinh, Math.cosh),
  Cosh: smooth('cosh', Math.cosh, Math.sinh),
  Asinh: smooth('asinh', Math.asinh, (x) => 1 / Math.sqrt(x * x + 1)),
  Acosh: smooth('acosh', Math.acosh, (x) => 1 / Math.sqrt(x * x - 1)),
  Atanh: smooth('atanh', Math.atanh, (x) => 1 / (1 - x * x)),
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

/**
 * Before version 7 the second operand was stretched only where `broadcast` said so, from the axis `axis` on instead of from the end.
 * The operands as NumPy stretches them.
 */
export function beforeBroadcasting(node: ImportNode, a: Value, b: Value): [Value, Value] {
  if (node.opset >= 7 || node.int('broadcast', 0) === 0 || b.shape.length === 0) return [a, b];
  const named = node.int('axis', a.shape.length - b.shape.length);
  const axis = named < 0 ? named + a.shape.length : named;
  const behind = a.shape.length - axis - b.shape.length;
  node.check(
    Number.isInteger(axis) && axis >= 0 && behind >= 0,
    `stretches [${b.shape}] to [${a.shape}] from axis ${named} on, which has too few`,
  );
  const shape = [...b.shape, ...new Array<number>(behind).fill(1)];
  return [a, b instanceof Tensor ? reshape(b, shape) : new HostArray(shape, b.data, b.integer, b.dataType)];
}

function binary(onTensors: OnTensors, onNumbers: OnNumbers): ImportOp {
  return (node) =>
    ([a, b]) =>
      both(node, onTensors, onNumbers, ...beforeBroadcasting(node, inputOf(node, a), inputOf(node, b)));
}

function several(onTensors: OnTensors, onNumbers: OnNumbers): ImportOp {
  return (node) => (inputs) => {
    node.check(inputs.length > 0, 'lacks an input');
    return inputs.map((x) => inputOf(node, x)).reduce((a, b) => both(node, onTensors, onNumbers, a, b));
  };
}

function both(node: ImportNode, onTensors: OnTensors, onNumbers: OnNumbers, a: Value, b: Value): Value {
  if (a instanceof HostArray && b instanceof HostArray) return combine(node.title, a, b, onNumbers);
  const [x, z] = [a, b].map((value) => {
    const tensor = toTensor(value);
    return value instanceof HostArray && value.integer ? markWhole(tensor) : tensor;
  });
  return onTensors(x, z);
}

function unary(onTensor: (x: Tensor) => Tensor, onNumber: (x: number) => number): ImportOp {
  return (node) =>
    ([input]) => {
      const x = inputOf(node, input);
      return x instanceof HostArray ? mapped(node.title, x, onNumber) : onTensor(x);
    };
}

/** A step function, through which nothing is learned. */
function rounding(op: string, fn: (x: number) => number): ImportOp {
  return unary((x) => pointwise(op, x, fn), fn);
}

function smooth(op: string, fn: (x: number) => number, slope: (x: number, y: number) => number): ImportOp {
  return unary((x) => pointwise(op, x, fn, slope), fn);
}
