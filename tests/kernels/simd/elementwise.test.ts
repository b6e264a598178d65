import { afterAll, describe, expect, test } from 'vitest';
import { broadcastShapes, sizeOf } from '../../../src/base/shape.js';
import type { Kernels } from '../../../src/kernels/tables.js';
import { reference, simd } from '../../../src/kernels/tables.js';
import { broadcastGeometry } from '../../../src/tensor/ops/math/broadcast.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { configurePrograms, defaultThreads } from '../../../src/wasm/program.js';
import { normals } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';
import { expectClose, gamma } from '../../../testing/tolerance.js';

/** Runs a kernel on three arrays of n normal numbers (the first is its output) and some more, and returns all three. */
type Call = (k: Kernels, a: Float32Array, b: Float32Array, c: Float32Array, d: Float32Array) => void;

const sgd = { learningRate: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.01, nesterov: false, firstStep: false };
const adam = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.01,
  decoupled: false,
  correction1: 0.19,
  correction2: 0.02,
};
const rmsprop = { learningRate: 0.1, alpha: 0.9, eps: 1e-8, weightDecay: 0.01, momentum: 0.9, centered: false };
const adadelta = { learningRate: 1, rho: 0.9, eps: 1e-6, weightDecay: 0.01 };
const one = { p: 0.3, seed: 7, unit: 1 };

const calls: Record<string, Call> = {
  exp: (k, y, x) => k.exp(y, x),
  expBackward: (k, dx, dy, y) => k.expBackward(dx, dy, y),
  log: (k, y, x) => k.log(y, x),
  logBackward: (k, dx, dy, x) => k.logBackward(dx, dy, x),
  sqrt: (k, y, x) => k.sqrt(y, x),
  sqrtBackward: (k, dx, dy, y) => k.sqrtBackward(dx, dy, y),
  abs: (k, y, x) => k.abs(y, x),
  absBackward: (k, dx, dy, x) => k.absBackward(dx, dy, x),
  scale: (k, y, x) => k.scale(y, x, 3),
  scaleBackward: (k, dx, dy) => k.scaleBackward(dx, dy, 3),
  accumulate: (k, dx, dy) => k.accumulate(dx, dy),
  relu: (k, y, x) => k.relu(y, x),
  reluBackward: (k, dx, dy, y) => k.reluBackward(dx, dy, y),
  relu6: (k, y, x) => k.relu6(y, x),
  relu6Backward: (k, dx, dy, y) => k.relu6Backward(dx, dy, y),
  leakyRelu: (k, y, x) => k.leakyRelu(y, x, 0.1),
  leakyReluBackward: (k, dx, dy, x) => k.leakyReluBackward(dx, dy, x, 0.1),
  elu: (k, y, x) => k.elu(y, x, 1.5),
  eluBackward: (k, dx, dy, x) => k.eluBackward(dx, dy, x, 1.5),
  sigmoid: (k, y, x) => k.sigmoid(y, x),
  sigmoidBackward: (k, dx, dy, y) => k.sigmoidBackward(dx, dy, y),
  tanh: (k, y, x) => k.tanh(y, x),
  tanhBackward: (k, dx, dy, y) => k.tanhBackward(dx, dy, y),
  hardSigmoid: (k, y, x) => k.hardSigmoid(y, x),
  hardSigmoidBackward: (k, dx, dy, x) => k.hardSigmoidBackward(dx, dy, x),
  silu: (k, y, x) => k.silu(y, x),
  siluBackward: (k, dx, dy, x) => k.siluBackward(dx, dy, x),
  hardSwish: (k, y, x) => k.hardSwish(y, x),
  hardSwishBackward: (k, dx, dy, x) => k.hardSwishBackward(dx, dy, x),
  gelu: (k, y, x) => k.gelu(y, x),
  geluBackward: (k, dx, dy, x) => k.geluBackward(dx, dy, x),
  geluTanh: (k, y, x) => k.geluTanh(y, x),
  geluTanhBackward: (k, dx, dy, x) => k.geluTanhBackward(dx, dy, x),
  dropout: (k, y, x) => k.dropout(y, x, one),
  dropoutBackward: (k, dx, dy) => k.dropoutBackward(dx, dy, one),
  clamp: (k, y, x) => k.clamp(y, x, 0.5),
  sgd: (k, p, grad) => k.sgdStep(p, grad, null, sgd),
  'sgd with momentum': (k, p, grad, m) => k.sgdStep(p, grad, m, sgd),
  'sgd, nesterov': (k, p, grad, m) => k.sgdStep(p, grad, m, { ...sgd, dampening: 0, nesterov: true }),
  'sgd, first step': (k, p, grad, m) => k.sgdStep(p, grad, m, { ...sgd, firstStep: true }),
  adam: (k, p, grad, m, v) => k.adamStep(p, grad, m, v, adam),
  adamw: (k, p, grad, m, v) => k.adamStep(p, grad, m, v, { ...adam, decoupled: true }),
  rmsprop: (k, p, grad, _m, v) => k.rmspropStep(p, grad, v, null, null, rmsprop),
  'rmsprop with momentum': (k, p, grad, m, v) => k.rmspropStep(p, grad, v, null, m, rmsprop),
  'rmsprop, centered': (k, p, grad, m, v) => k.rmspropStep(p, grad, v, m, null, rmsprop),
  lion: (k, p, grad, m) => k.lionStep(p, grad, m, { learningRate: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0.01 }),
  lamb: (k, u, grad, m, v) => k.lambDirection(u, grad, grad, m, v, { ...adam, eps: 1e-6 }),
  blend: (k, y, x) => k.blend(y, x, 0.75, 0.3),
  adagrad: (k, p, grad, _m, v) => k.adagradStep(p, grad, v, sgd as never),
  adadelta: (k, p, grad, m, v) => k.adadeltaStep(p, grad, v, m.map(Math.abs), adadelta),
};

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

/** The fourth array is positive: a running mean of squares. */
function inputs(n: number): Float32Array[] {
  return ['a', 'b', 'c', 'd'].map((name) => normals(n, name).map((v) => (name === 'd' ? v * v : v)));
}

const table = onHeap(simd);

describe('elementwise SIMD kernels', () => {
  test.each(Object.entries(calls))('%s: an element does not depend on where in the array it is', (_name, call) => {
    const n = 75;
    const whole = inputs(n);
    call(table, whole[0], whole[1], whole[2], whole[3]);
    for (const length of [0, 1, 2, 3, 4, 5, 15, 16, 17, 19, 31, 33, 63, 66]) {
      const part = inputs(n).map((v) => v.slice(0, length));
      call(table, part[0], part[1], part[2], part[3]);
      for (const [i, v] of part.entries()) expect(v).toEqual(whole[i].slice(0, length));
    }
  });

  test.each(Object.entries(calls))('%s writes nothing behind the end', (_name, call) => {
    const tensors = inputs(29).map((v) => Tensor.from([...v, 7, 7, 7]));
    const [a, b, c, d] = tensors.map((t) => (t.data as Float32Array).subarray(0, 29));
    call(simd, a, b, c, d);
    // A helper's copy lies elsewhere; whatever lies in the heap ends with the three sevens.
    for (const t of tensors) expect([...t.data.subarray(29)]).toEqual([7, 7, 7]);
    for (const t of tensors) t.dispose();
  });
});

describe('elementwise SIMD kernels on several threads', () => {
  afterAll(() => configurePrograms({ threads: defaultThreads() }));

  /** The results with 1, 2 and 3 threads. */
  function onThreads(run: () => Float32Array[]): Float32Array[][] {
    return [1, 2, 3].map((threads) => {
      configurePrograms({ threads });
      return run();
    });
  }

  test('every kernel: the same bits', () => {
    const given = inputs(50_001);
    const names = Object.keys(calls);
    const [one, two, three] = onThreads(() =>
      names.flatMap((name) => {
        const arrays = given.map((v) => v.slice());
        calls[name](table, arrays[0], arrays[1], arrays[2], arrays[3]);
        return arrays;
      }),
    );
    for (const [i, name] of names.flatMap((name) => [name, name, name, name]).entries()) {
      expect(sameBits(one[i], two[i]) && sameBits(one[i], three[i]), name).toBe(true);
    }
  });

  test('norms, units of dropout2d and every form of broadcasting: the same bits', () => {
    const pairs = [
      [[70_000], [70_000]],
      [[70_000], []],
      [
        [40, 30, 64],
        [30, 1],
      ],
      [[900, 70], [70]],
      [
        [300, 1, 20],
        [1, 11, 1],
      ],
    ];
    const [one, two, three] = onThreads(() => {
      const norm = new Float32Array(1);
      table.l2Norm(norm, normals(200_001, 'x'));
      const dropped = new Float32Array(50_000);
      table.dropout(dropped, normals(50_000, 'x'), { p: 0.3, seed: 5, unit: 25 });
      const results = [norm, dropped];
      for (const [shapeA, shapeB] of pairs) {
        const shape = broadcastShapes('test', shapeA, shapeB);
        const g = broadcastGeometry(shape, shapeA, shapeB);
        const [a, b, dy] = [normals(shapeA, 1), normals(shapeB, 2), normals(shape, 3)];
        const y = new Float32Array(sizeOf(shape));
        table.div(y, a, b, g);
        const da = new Float32Array(a.length);
        const db = new Float32Array(b.length);
        table.divBackward(da, dy, a, b, g, 'a');
        table.divBackward(db, dy, a, b, g, 'b');
        results.push(y, da, db);
      }
      return results;
    });
    for (const [i, bits] of one.entries()) {
      expect(sameBits(bits, two[i]) && sameBits(bits, three[i]), `result ${i}`).toBe(true);
    }
  });
});

describe('long sums', () => {
  test('a gradient summed over 300,000 places, and the norm of as many numbers, are rounded once', () => {
    const n = 300_000;
    const x = normals(n, 1).map((v) => v + 1);
    const exact = x.reduce((sum, v) => sum + v, 0);
    for (const [shapeA, shapeB] of [
      [[n], []],
      [[n / 4, 4], [4]],
    ]) {
      const da = new Float32Array(sizeOf(shapeB));
      table.addBackward(da, x, 1, broadcastGeometry(shapeA, shapeA, shapeB), 'b');
      const total = da.reduce((sum, v) => sum + v, 0);
      expectClose([total], [exact], gamma(3) * exact);
    }
    const norm = new Float32Array(1);
    table.l2Norm(norm, x);
    expectClose(norm, [Math.sqrt(x.reduce((sum, v) => sum + v * v, 0))], (i) => gamma(1.01) * norm[i]);
  });
});

describe('special values', () => {
  const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
  const apply = (fn: (y: Float32Array, x: Float32Array) => void, x: number[]): number[] => {
    const y = new Float32Array(x.length);
    fn(y, Float32Array.from(x));
    return [...y];
  };

  test('pass through functions as they should', () => {
    expect(apply(table.exp, [inf, -inf, nan, 0, -0, 88.73, -104])).toEqual([inf, 0, nan, 1, 1, inf, 0]);
    expect(apply(table.log, [inf, -inf, nan, 0, -0, 1, -1])).toEqual([inf, nan, nan, -inf, -inf, 0, nan]);
    expect(apply(table.tanh, [inf, -inf, nan, 0, -0])).toEqual([1, -1, nan, 0, -0]);
    expect(apply(table.sigmoid, [inf, -inf, nan, 0])).toEqual([1, 0, nan, 0.5]);
    expect(apply(table.gelu, [inf, -inf, nan])).toEqual([inf, 0, nan]);
    expect(apply(table.silu, [inf, -1000, nan, 0])).toEqual([inf, -0, nan, 0]);
    expect(apply((y, x) => table.elu(y, x, 2), [inf, -inf, nan])).toEqual([inf, -2, nan]);
    expect(apply((y, x) => table.clamp(y, x, 1), [inf, -inf, nan])).toEqual([1, -1, nan]);
    expect(apply(table.relu, [inf, -inf, nan, -0])).toEqual([inf, 0, nan, 0]);
  });

  test('subnormal numbers keep their digits', () => {
    const tiny = [2 ** -149, 3 * 2 ** -149, 2 ** -127 + 2 ** -140];
    expectClose(apply(table.log, tiny), tiny.map(Math.log), 2 ** -17);
    expect(apply(table.exp, tiny.map(Math.log))).toEqual(
      tiny.map((v) => Math.fround(Math.exp(Math.fround(Math.log(v))))),
    );
    expect(apply(table.tanh, tiny)).toEqual(tiny);
    expect(apply(table.relu, tiny)).toEqual(tiny);
  });

  test('powers of every pair of special numbers are those of JavaScript', () => {
    const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2.5, -2.5, 1e30, -1e30, 1e-30, 2 ** -149, inf, -inf, nan];
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    const a = Float32Array.from(pairs, ([v]) => v);
    const b = Float32Array.from(pairs, ([, v]) => v);
    const y = new Float32Array(a.length);
    table.pow(y, a, b, broadcastGeometry([a.length], [a.length], [a.length]));
    y.forEach((v, i) => {
      const exact = a[i] ** b[i];
      const expected = Math.fround(exact);
      if (!Object.is(v, expected)) {
        expect(Math.abs(v - exact), `${a[i]} ** ${b[i]} = ${v}, not ${expected}`).toBeLessThan(
          2 ** -23 * Math.abs(exact),
        );
      }
    });
  });
});

describe('gradients of powers', () => {
  test('agree with the reference for every form of broadcasting', () => {
    for (const [shapeA, shapeB] of [
      [[6], [6]],
      [[5, 7], [7]],
      [
        [3, 4, 5],
        [4, 1],
      ],
      [[], [9]],
    ]) {
      const shape = broadcastShapes('test', shapeA, shapeB);
      const g = broadcastGeometry(shape, shapeA, shapeB);
      const a = normals(shapeA, 1).map((v) => Math.abs(v) + 0.1);
      const b = normals(shapeB, 2);
      const dy = normals(shape, 3);
      for (const side of ['a', 'b'] as const) {
        const own = side === 'a' ? a : b;
        const [ours, theirs] = [new Float32Array(own.length), new Float32Array(own.length)];
        table.powBackward(ours, dy, a, b, g, side);
        reference.powBackward(theirs, dy, a, b, g, side);
        // |b a^(b-1)| and |a^b log a| for the largest factors drawn, dy below 4, as often as the operand was used.
        const bases = a.map((v) => Math.max(v, 1 / v));
        const largest = 4 * 4 * Math.max(...bases) ** (1 + Math.max(...b.map(Math.abs)));
        expectClose(ours, theirs, (gamma(8) * largest * dy.length) / own.length);
      }
    }
  });
});
