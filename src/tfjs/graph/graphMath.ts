import { broadcastShapes } from '../../base/shape.js';
import { abs } from '../../tensor/ops/math/abs.js';
import { add } from '../../tensor/ops/math/add.js';
import { div } from '../../tensor/ops/math/div.js';
import { exp } from '../../tensor/ops/math/exp.js';
import { log } from '../../tensor/ops/math/log.js';
import { mul } from '../../tensor/ops/math/mul.js';
import { neg } from '../../tensor/ops/math/neg.js';
import { pow } from '../../tensor/ops/math/pow.js';
import { sqrt } from '../../tensor/ops/math/sqrt.js';
import { square } from '../../tensor/ops/math/square.js';
import { sub } from '../../tensor/ops/math/sub.js';
import { elu } from '../../tensor/ops/nn/elu.js';
import { leakyRelu } from '../../tensor/ops/nn/leakyRelu.js';
import { logSoftmax } from '../../tensor/ops/nn/logSoftmax.js';
import { relu } from '../../tensor/ops/nn/relu.js';
import { relu6 } from '../../tensor/ops/nn/relu6.js';
import { sigmoid } from '../../tensor/ops/nn/sigmoid.js';
import { softmax } from '../../tensor/ops/nn/softmax.js';
import { tanh } from '../../tensor/ops/nn/tanh.js';
import type { Tensor } from '../../tensor/tensor.js';
import { selu } from '../activations.js';
import { type Curve, clip, curves, mapped, maximum, minimum, paired, selected } from '../pointwise.js';
import { expectRoom } from '../room.js';
import { prelu } from '../weightedModules.js';
import type { GraphNode } from './graphNode.js';
import { type GraphOp, needed } from './graphOps.js';
import { aligned, axisOf, like, numbersOf, toValue, type Value } from './graphValue.js';

/** Functions of one value, element by element. */
export const activations: Readonly<Record<string, (x: Tensor, node: GraphNode) => Tensor>> = {
  Relu: (x) => relu(x),
  Relu6: (x) => relu6(x),
  Elu: (x) => elu(x),
  Selu: selu,
  LeakyRelu: (x, node) => leakyRelu(x, node.number(node.op === 'LeakyRelu' ? 'alpha' : 'leakyrelu_alpha', 0.2)),
  Sigmoid: (x) => sigmoid(x),
  Tanh: (x) => tanh(x),
  Softplus: curve(curves.softplus.f, curves.softplus.slope),
  Softsign: curve(curves.softsign.f, curves.softsign.slope),
  Exp: (x) => exp(x),
  Log: (x) => log(x),
  Sqrt: (x) => sqrt(x),
  Square: (x) => square(x),
  Neg: (x) => neg(x),
  Abs: (x) => abs(x),
  Rsqrt: curve(
    (v) => 1 / Math.sqrt(v),
    (v, y) => (-0.5 * y) / v,
  ),
  Reciprocal: curve(
    (v) => 1 / v,
    (_, y) => -y * y,
  ),
  Inv: curve(
    (v) => 1 / v,
    (_, y) => -y * y,
  ),
  Expm1: curve(Math.expm1, (_, y) => y + 1),
  Log1p: curve(Math.log1p, (v) => 1 / (1 + v)),
  Erf: curve(erf, (v) => (2 / Math.sqrt(Math.PI)) * Math.exp(-v * v)),
  Sin: curve(Math.sin, Math.cos),
  Cos: curve(Math.cos, (v) => -Math.sin(v)),
  Floor: curve(Math.floor),
  Ceil: curve(Math.ceil),
  // Halves go to the even neighbor.
  Round: curve((v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))),
  Sign: curve(Math.sign),
  LogicalNot: curve((v) => (v === 0 ? 1 : 0)),
};

/** Functions of two values with broadcasting. */
const pairs: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  Add: add,
  AddV2: add,
  BiasAdd: add,
  Sub: sub,
  Mul: mul,
  RealDiv: div,
  Div: div,
  DivNoNan: (a, b) => paired('divide', a, b, (p, q) => (q === 0 ? 0 : p / q)),
  FloorDiv: (a, b) => paired('divide', a, b, (p, q) => Math.floor(p / q)),
  FloorMod: (a, b) => paired('modulo', a, b, (p, q) => p - q * Math.floor(p / q)),
  Mod: (a, b) => paired('modulo', a, b, (p, q) => p - q * Math.floor(p / q)),
  Maximum: maximum,
  Minimum: minimum,
  Pow: pow,
  SquaredDifference: (a, b) => square(sub(a, b)),
  Prelu: prelu,
};

const comparisons: Readonly<Record<string, (p: number, q: number) => boolean>> = {
  Equal: (p, q) => p === q,
  NotEqual: (p, q) => p !== q,
  Greater: (p, q) => p > q,
  GreaterEqual: (p, q) => p >= q,
  Less: (p, q) => p < q,
  LessEqual: (p, q) => p <= q,
  LogicalAnd: (p, q) => p !== 0 && q !== 0,
  LogicalOr: (p, q) => p !== 0 || q !== 0,
};

function curve(f: (v: number) => number, slope: Curve['slope'] = () => 0): (x: Tensor, node: GraphNode) => Tensor {
  return (x, node) => mapped(x, { name: node.op, f, slope });
}

/** The error function; Abramowitz and Stegun 1964, equation 7.1.6, whose terms are all positive. */
function erf(v: number): number {
  const x = Math.abs(v);
  if (!(x < 6)) return Number.isNaN(v) ? v : Math.sign(v);
  let term = x;
  let total = x;
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return Math.sign(v) * Math.min(1, (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total);
}

/** Two values combined element by element, where the result is not out of proportion. */
export function combine(node: GraphNode, values: readonly Value[], fn: (a: Tensor, b: Tensor) => Tensor): Value {
  const { tensors, first } = aligned(values);
  const [a, b] = tensors;
  expectRoom(`node ${node.title}`, broadcastShapes(node.title, a.shape, b.shape));
  return toValue(
    fn(a, b),
    first,
    values.every(({ integer }) => integer),
  );
}

export const math: Readonly<Record<string, GraphOp>> = {
  ...table(activations, (fn) => (node) => (inputs) => {
    const [x] = needed(node, inputs, 1);
    return like(x, fn(x.tensor, node));
  }),
  ...table(pairs, (fn) => (node) => (inputs) => {
    const [a, b] = needed(node, inputs, 2);
    const y = combine(node, [a, b], fn);
    const divides = node.op === 'RealDiv' || node.op === 'Div';
    return y.integer && divides ? like(y, mapped(y.tensor, { name: node.op, f: Math.trunc, slope: () => 0 })) : y;
  }),
  ...table(comparisons, (fn) => (node) => (inputs) => {
    const [a, b] = needed(node, inputs, 2);
    const y = combine(node, [a, b], (p, q) => paired(node.op, p, q, (v, w) => (fn(v, w) ? 1 : 0)));
    return { ...y, integer: true };
  }),
  AddN: (node) => (inputs) => needed(node, inputs, 1).reduce((a, b) => combine(node, [a, b], add)),
  Select: select,
  SelectV2: select,
  ClipByValue: (node) => (inputs) => {
    const [x, low, high] = needed(node, inputs, 3);
    const [from, to] = [numbersOf(low)[0], numbersOf(high)[0]];
    node.check(from <= to, `has the bounds ${from} and ${to}`);
    return like(x, clip(x.tensor, from, to));
  },
  Cast: (node) => {
    const to = node.type('DstT');
    const whole = to.startsWith('DT_INT') || to.startsWith('DT_UINT');
    return (inputs) => {
      const [x] = needed(node, inputs, 1);
      if (to === 'DT_BOOL') {
        return {
          ...like(x, mapped(x.tensor, { name: 'cast', f: (v) => (v === 0 ? 0 : 1), slope: () => 0 })),
          integer: true,
        };
      }
      if (!whole) return { ...x, integer: false };
      if (x.integer) return x;
      return { ...like(x, mapped(x.tensor, { name: 'cast', f: Math.trunc, slope: () => 0 })), integer: true };
    };
  },
  Softmax: (node) => (inputs) => {
    const [x] = needed(node, inputs, 1);
    return like(x, softmax(x.tensor, axisOf(node, x, -1)));
  },
  LogSoftmax: (node) => (inputs) => {
    const [x] = needed(node, inputs, 1);
    return like(x, logSoftmax(x.tensor, axisOf(node, x, -1)));
  },
};

/** Of two values the elements of the first where a condition holds. */
function select(node: GraphNode): ReturnType<GraphOp> {
  return (inputs) => {
    const [condition, a, b] = needed(node, inputs, 3);
    const { tensors, first } = aligned([condition, a, b]);
    const shape = tensors.map((t) => t.shape).reduce((p, q) => broadcastShapes(node.title, p, q));
    expectRoom(`node ${node.title}`, shape);
    return toValue(selected(tensors[0], tensors[1], tensors[2]), first, a.integer && b.integer);
  };
}

function table<T>(functions: Readonly<Record<string, T>>, build: (fn: T) => GraphOp): Record<string, GraphOp> {
  return Object.fromEntries(Object.entries(functions).map(([name, fn]) => [name, build(fn)]));
}
