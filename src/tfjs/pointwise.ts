import { broadcastShapes, sameShape } from '../base/shape.js';
import { runHostKernel } from '../tensor/hostKernel.js';
import { add } from '../tensor/ops/math/add.js';
import { record } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';

/** A function of one number, and its derivative where the function is `y`. */
export interface Curve {
  name: string;
  f: (v: number) => number;
  slope: (v: number, y: number) => number;
}

/** The curve of each element. Numerics: in double precision, rounded once. */
export function mapped(x: Tensor, { name, f, slope }: Curve): Tensor {
  const y = Tensor.empty(name, x.shape);
  runHostKernel(name, [y], [x], ([to], [from]) => {
    for (let i = 0; i < to.length; i++) to[i] = f(from[i]);
  });
  record(name, [x], y, (dy, [dx]) => {
    if (!dx) return;
    const d = dx.data;
    const given = dy.data;
    const [v, out] = [x.data, y.data];
    for (let i = 0; i < d.length; i++) d[i] += given[i] * slope(v[i], out[i]);
  });
  return y;
}

/** `f` of the elements of two tensors, with broadcasting; `aIsTaken` says where the gradient goes, null nowhere. */
export function paired(
  name: string,
  a: Tensor,
  b: Tensor,
  f: (a: number, b: number) => number,
  aIsTaken: ((a: number, b: number) => boolean) | null = null,
): Tensor {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const [left, right] = [stretched(a, shape), stretched(b, shape)];
  const y = Tensor.empty(name, shape);
  runHostKernel(name, [y], [left, right], ([to], [p, q]) => {
    for (let i = 0; i < to.length; i++) to[i] = f(p[i], q[i]);
  });
  if (aIsTaken !== null) {
    record(name, [left, right], y, (dy, [da, db]) => {
      const [v, w, d] = [left.data, right.data, dy.data];
      for (let i = 0; i < d.length; i++) {
        const to = aIsTaken(v[i], w[i]) ? da : db;
        if (to) to.data[i] += d[i];
      }
    });
  }
  return y;
}

function stretched(x: Tensor, shape: readonly number[]): Tensor {
  return sameShape(x.shape, shape) ? x : add(x, Tensor.zeros(shape));
}

/** The elements of `a` where `condition` is not 0, those of `b` elsewhere, with broadcasting. */
export function selected(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const shape = [a, b].reduce((s, t) => broadcastShapes('select', s, t.shape), condition.shape);
  const parts = [condition, a, b].map((t) => stretched(t, shape));
  const y = Tensor.empty('select', shape);
  runHostKernel('select', [y], parts, ([to], [c, p, q]) => {
    for (let i = 0; i < to.length; i++) to[i] = c[i] === 0 ? q[i] : p[i];
  });
  record('select', parts, y, (dy, [, da, db]) => {
    const [c, d] = [parts[0].data, dy.data];
    for (let i = 0; i < d.length; i++) {
      const to = c[i] === 0 ? db : da;
      if (to) to.data[i] += d[i];
    }
  });
  return y;
}

/** The larger of two elements. */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return paired(
    'maximum',
    a,
    b,
    (p, q) => Math.max(p, q),
    (p, q) => p >= q,
  );
}

/** The smaller of two elements. */
export function minimum(a: Tensor, b: Tensor): Tensor {
  return paired(
    'minimum',
    a,
    b,
    (p, q) => Math.min(p, q),
    (p, q) => p <= q,
  );
}

/** Each element, cut to lie within two bounds. */
export function clip(x: Tensor, low: number, high: number): Tensor {
  return mapped(x, {
    name: 'clip',
    f: (v) => Math.min(high, Math.max(low, v)),
    slope: (v) => (v >= low && v <= high ? 1 : 0),
  });
}

const softplus: Curve = {
  name: 'softplus',
  f: (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
  slope: (v) => 1 / (1 + Math.exp(-v)),
};

/** Functions that Keras has and this library has not as operations. */
export const curves = {
  softplus,
  softsign: { name: 'softsign', f: (v) => v / (1 + Math.abs(v)), slope: (v) => 1 / (1 + Math.abs(v)) ** 2 },
  mish: {
    name: 'mish',
    f: (v) => v * Math.tanh(softplus.f(v)),
    slope: (v) => {
      const t = Math.tanh(softplus.f(v));
      return t + v * (1 - t * t) * softplus.slope(v, 0);
    },
  },
  // Keras 2's has a slope of 1/5, that of Keras 3 and PyTorch one of 1/6.
  hardSigmoidOfKeras2: {
    name: 'hard_sigmoid',
    f: (v) => Math.min(1, Math.max(0, 0.2 * v + 0.5)),
    slope: (v) => (v > -2.5 && v < 2.5 ? 0.2 : 0),
  },
  logSigmoid: { name: 'log_sigmoid', f: (v) => -softplus.f(-v), slope: (v) => 1 / (1 + Math.exp(v)) },
} satisfies Readonly<Record<string, Curve>>;
