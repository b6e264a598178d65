import { afterAll, describe, expect, test } from 'vitest';
import { sizeOf, stridesOf } from '../../../src/base/shape.js';
import type { Kernels } from '../../../src/kernels/tables.js';
import { reference, simd } from '../../../src/kernels/tables.js';
import type { Floats } from '../../../src/memory/memory.js';
import { reduceGeometry } from '../../../src/tensor/ops/math/reduction.js';
import { stridedGeometry } from '../../../src/tensor/ops/shape/strided.js';
import { configurePrograms } from '../../../src/wasm/program.js';
import { normals, wholes } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';
import { expectClose, gamma, U } from '../../../testing/tolerance.js';

// Reductions, moves, softmax and losses at sizes that need several segments, blocks and threads; the small ones are with
// the operations' tests, which run on every table.

const table = onHeap(simd);
afterAll(() => configurePrograms({ threads: 1 }));

/** Each shape with every choice of reduced axes. */
const shapes = [[70_001], [3, 70_001], [70_001, 3], [5000, 37], [4, 9000, 18], [37, 5, 41, 6], [6, 3, 4, 3, 7]];
const reductions = shapes.flatMap((shape) =>
  Array.from({ length: 2 ** shape.length }, (_, bits) => ({
    shape,
    axes: shape.flatMap((_n, axis) => ((bits >> axis) & 1 ? [axis] : [])),
  })),
);

test.each(reductions)(
  'sum and max of $shape over $axes: whole numbers are exact, forward and backward',
  ({ shape, axes }) => {
    const g = reduceGeometry(shape, axes, 0.5);
    const n = sizeOf(shape);
    const x = wholes(n, 1, 3);
    const dx = wholes(n, 2);
    const dy = wholes(n / g.count, 3);
    for (const run of [(k: Kernels, y: Floats) => k.sum(y, x, g), (k: Kernels, y: Floats) => k.max(y, x, g)]) {
      const [actual, expected] = [new Float32Array(dy.length), new Float32Array(dy.length)];
      run(table, actual);
      run(reference, expected);
      expectClose(actual, expected, 0);
    }
    const y = new Float32Array(dy.length);
    reference.max(y, x, g);
    const [spread, expectedSpread] = [dx.slice(), dx.slice()];
    table.sumBackward(spread, dy, g);
    reference.sumBackward(expectedSpread, dy, g);
    expectClose(spread, expectedSpread, 0);
    const [shared, expectedShared] = [dx.slice(), dx.slice()];
    table.maxBackward(shared, dy, x, y, g);
    reference.maxBackward(expectedShared, dy, x, y, g);
    // A part below 4 is rounded, then a sum below 8.
    expectClose(shared, expectedShared, 12 * U);
  },
);

test('a sum of 100,000 normals is rounded once', () => {
  const x = normals(100_000, 1);
  const y = new Float32Array(1);
  table.sum(y, x, reduceGeometry([100_000], [0], 1));
  let [total, magnitude] = [0, 0];
  for (const v of x) {
    total += v;
    magnitude += Math.abs(v);
  }
  expect(Math.abs(y[0] - total)).toBeLessThanOrEqual(U * Math.abs(total) + 100_000 * 2 ** -52 * magnitude);
});

test('NaN wins a maximum in whatever lane, segment or column it stands', () => {
  for (const at of [0, 1, 15, 16, 40_000, 69_999, 70_000]) {
    const x = wholes(70_001, 1);
    x[at] = Number.NaN;
    const y = new Float32Array(1);
    table.max(y, x, reduceGeometry([70_001], [0], 1));
    expect(y[0]).toBeNaN();
    const columns = new Float32Array(7);
    table.max(columns, x.subarray(0, 70_000), reduceGeometry([10_000, 7], [0], 1));
    expect([...columns].map(Number.isNaN)).toEqual([...columns].map((_, c) => at < 70_000 && at % 7 === c));
  }
});

const orders = [
  { shape: [300, 517], order: [1, 0] },
  { shape: [5, 67, 9, 21], order: [0, 2, 3, 1] },
  { shape: [5, 9, 21, 67], order: [0, 3, 1, 2] },
  { shape: [7, 4, 6, 50], order: [2, 0, 1, 3] },
  { shape: [3, 4, 5, 6, 7, 8], order: [5, 3, 1, 4, 2, 0] },
  { shape: [90, 3, 61], order: [2, 1, 0] },
  { shape: [90_001], order: [0] },
];

test.each(orders)('$shape as $order is moved and added exactly, there and back', ({ shape, order }) => {
  const strides = stridesOf(shape);
  const to = order.map((axis) => shape[axis]);
  const g = stridedGeometry(
    to,
    { offset: 0, strides: order.map((axis) => strides[axis]) },
    { offset: 0, strides: stridesOf(to) },
  );
  const back = { ...g, xStrides: g.yStrides, yStrides: g.xStrides };
  const x = wholes(sizeOf(shape), 1);
  for (const geometry of [g, back]) {
    const [actual, expected] = [wholes(x.length, 2), wholes(x.length, 2)];
    for (const run of [
      (k: Kernels, y: Floats) => k.stridedAdd(y, x, geometry),
      (k: Kernels, y: Floats) => k.stridedCopy(y, x, geometry),
    ]) {
      run(table, actual);
      run(reference, expected);
      expectClose(actual, expected, 0);
    }
  }
});

const lines = [
  { outer: 3, axis: 1000, inner: 1 },
  { outer: 70, axis: 131, inner: 1 },
  { outer: 2, axis: 21, inner: 1003 },
  { outer: 40, axis: 50, inner: 3 },
];

test.each(lines)('softmax of $outer x $axis x $inner agrees with the reference', (g) => {
  const n = g.outer * g.axis * g.inner;
  const x = normals(n, 1).map((v) => 4 * v);
  const dy = normals(n, 2);
  for (const [forward, backward] of [
    ['softmax', 'softmaxBackward'],
    ['logSoftmax', 'logSoftmaxBackward'],
  ] as const) {
    const [y, expected] = [new Float32Array(n), new Float32Array(n)];
    table[forward](y, x, g);
    reference[forward](expected, x, g);
    // x - max is below 40 and rounded; exp within 2 ulp, the rest a few roundings, however long the axis is.
    const bound = (i: number): number => 48 * U * (forward === 'softmax' ? expected[i] : 1 + Math.abs(expected[i]));
    expectClose(y, expected, bound);
    const [dx, expectedDx] = [normals(n, 3), normals(n, 3)];
    table[backward](dx, dy, expected, g);
    reference[backward](expectedDx, dy, expected, g);
    // The sums of dy and dy y are below 5 axis, and rounded once; |y| <= 1 multiplies them.
    const sum = forward === 'softmax' ? 5 : 5 * Math.sqrt(g.axis) + 5;
    expectClose(dx, expectedDx, 16 * U * (10 + sum));
  }
});

test('softmax of infinities and NaN is what the reference says', () => {
  const inf = Number.POSITIVE_INFINITY;
  for (const row of [
    [-inf, 0, -inf, 0, -inf],
    [-inf, -inf, -inf, -inf, -inf],
    [inf, 0, 0, 0, 0],
    [0, 0, 0, 0, Number.NaN],
  ]) {
    for (const g of [
      { outer: 1, axis: 5, inner: 1 },
      { outer: 1, axis: 5, inner: 2 },
    ]) {
      const x = Float32Array.from(row.flatMap((v) => new Array<number>(g.inner).fill(v)));
      const [y, expected] = [x.slice(), x.slice()];
      table.softmax(y, x, g);
      reference.softmax(expected, x, g);
      expect(y).toEqual(expected);
    }
  }
});

describe('the losses at many classes', () => {
  const [rows, classes] = [61, 1003];
  const x = normals(rows * classes, 1).map((v) => 3 * v);
  const labels = Int32Array.from({ length: rows }, (_, n) => (n * 331) % classes);
  const weight = normals(classes, 2).map((v) => Math.abs(v) + 0.1);
  const d = normals(rows, 3);

  test.each([0, 0.1])('crossEntropy with smoothing %d', (labelSmoothing) => {
    for (const w of [null, weight]) {
      const g = { rows, classes, labelSmoothing };
      const [loss, expected] = [new Float32Array(rows), new Float32Array(rows)];
      table.crossEntropy(loss, x, labels, w, g);
      reference.crossEntropy(expected, x, labels, w, g);
      // nll is below 40 and a few roundings; a weight below 5.
      expectClose(loss, expected, gamma(8) * 40 * 5);
      const [dx, expectedDx] = [normals(x.length, 4), normals(x.length, 4)];
      table.crossEntropyBackward(dx, d, x, labels, w, g);
      reference.crossEntropyBackward(expectedDx, d, x, labels, w, g);
      // The shares sum to at most 5; |dLoss| < 4, and exp errs by u |x - max| too.
      expectClose(dx, expectedDx, gamma(40) * 5 * 4);
    }
  });

  test('multiclassHinge with both powers', () => {
    for (const power of [1, 2]) {
      const g = { rows, classes, margin: 1, power };
      const [loss, expected] = [new Float32Array(rows), new Float32Array(rows)];
      table.multiclassHinge(loss, x, labels, g);
      reference.multiclassHinge(expected, x, labels, g);
      // A violation is rounded twice, and squared; the mean of them keeps the relative error.
      expectClose(loss, expected, (n) => gamma(8) * (40 + expected[n]));
      const [dx, expectedDx] = [normals(x.length, 4), normals(x.length, 4)];
      table.multiclassHingeBackward(dx, d, x, labels, g);
      reference.multiclassHingeBackward(expectedDx, d, x, labels, g);
      expectClose(dx, expectedDx, (i) => gamma(8) * (40 + Math.abs(expectedDx[i])));
    }
  });

  test('binary cross-entropy keeps small losses, with one weight a class or one for all', () => {
    for (const [w, perRow] of [
      [null, classes],
      [weight, classes],
      [Float32Array.of(3), 1],
    ] as const) {
      const g = { classes: perRow, delta: 1 };
      const target = x.map((v) => Number(v > 0));
      const logits = x.map((v) => 6 * v);
      const [loss, expected] = [new Float32Array(x.length), new Float32Array(x.length)];
      table.binaryCrossEntropyWithLogits(loss, logits, target, w, g);
      reference.binaryCrossEntropyWithLogits(expected, logits, target, w, g);
      // Relative, for exp, log and a few roundings; the reference itself cancels, in doubles.
      expectClose(loss, expected, (i) => gamma(16) * expected[i] + 2 ** -51 * Math.abs(logits[i]));
      const [dx, expectedDx] = [new Float32Array(x.length), new Float32Array(x.length)];
      table.binaryCrossEntropyWithLogitsBackward(dx, x, logits, target, w, g);
      reference.binaryCrossEntropyWithLogitsBackward(expectedDx, x, logits, target, w, g);
      expectClose(dx, expectedDx, (i) => gamma(16) * Math.abs(expectedDx[i]) + 2 ** -48 * Math.abs(x[i]));
    }
  });
});

test('1, 2 and 3 threads give the same bits', () => {
  const n = 150_000;
  const x = normals(n, 1);
  const dy = normals(n, 2);
  const labels = Int32Array.from({ length: 150 }, (_, i) => i * 5);
  const shape = Int32Array.of(3, 500, 100);
  const results = [1, 2, 3].map((threads) => {
    configurePrograms({ threads });
    const all: Float32Array[] = [];
    const run = (length: number, kernel: (y: Float32Array) => void): void => {
      const y = dy.slice(0, length);
      kernel(y);
      all.push(y);
    };
    for (const [sizes, axes] of [
      [[n], [0]],
      [
        [3, 500, 100],
        [0, 2],
      ],
      [[3, 500, 100], [1]],
      [[50_000, 3], [0]],
    ]) {
      const g = reduceGeometry(sizes, axes, 1 / 3);
      const y = new Float32Array(n / g.count);
      run(y.length, (out) => table.sum(out, x, g));
      run(n, (dx) => table.sumBackward(dx, dy.slice(0, y.length), g));
      table.max(y, x, g);
      run(n, (dx) => table.maxBackward(dx, dy.slice(0, y.length), x, y, g));
    }
    const transposed = { shape, xStrides: Int32Array.of(50_000, 1, 500), yStrides: Int32Array.of(50_000, 100, 1) };
    run(n, (y) => table.stridedAdd(y, x, { ...transposed, xOffset: 0, yOffset: 0 }));
    const rows = Int32Array.from({ length: 34 }, (_, i) => Math.min(Math.max(i - 2, 0), 29));
    const padding = { planes: 100, inHeight: 30, inWidth: 50, rows, columns: rows, value: 0 };
    run(100 * 34 * 34, (y) => table.pad(y, x, padding));
    run(n, (dx) => table.padBackward(dx, dy, padding));
    for (const g of [
      { outer: 150, axis: 1000, inner: 1 },
      { outer: 3, axis: 50, inner: 1000 },
    ]) {
      run(n, (y) => table.softmax(y, x, g));
      run(n, (y) => table.logSoftmax(y, x, g));
      run(n, (dx) => table.softmaxBackward(dx, dy, x, g));
      run(n, (dx) => table.logSoftmaxBackward(dx, dy, x, g));
    }
    const ce = { rows: 150, classes: 1000, labelSmoothing: 0.1 };
    run(150, (y) => table.crossEntropy(y, x, labels, null, ce));
    run(n, (dx) => table.crossEntropyBackward(dx, dy, x, labels, null, ce));
    const hinge = { rows: 150, classes: 1000, margin: 1, power: 2 };
    run(150, (y) => table.multiclassHinge(y, x, labels, hinge));
    run(n, (dx) => table.multiclassHingeBackward(dx, dy, x, labels, hinge));
    const element = { classes: 1000, delta: 0.7 };
    run(n, (y) => table.binaryCrossEntropyWithLogits(y, x, dy, x.slice(0, 1000), element));
    run(n, (dx) => table.binaryCrossEntropyWithLogitsBackward(dx, dy, x, dy, null, element));
    run(n, (y) => table.huber(y, x, dy, element));
    run(n, (dx) => table.huberBackward(dx, x, x, dy, element));
    return all;
  });
  for (const other of results.slice(1)) {
    for (const [i, values] of other.entries()) expectClose(values, results[0][i], 0, `result ${i}`);
  }
});
