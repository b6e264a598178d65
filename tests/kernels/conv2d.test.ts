import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/base/shape.js';
import { type Conv2dGeometry, conv2dGeometry } from '../../src/kernels/geometry.js';
import { algorithm } from '../../src/kernels/simd/conv/conv2d.js';
import { WINOGRAD_BOUND } from '../../src/kernels/simd/conv/winograd.js';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { normals, seed, wholes } from '../../testing/arbitraries.js';
import { convolutions, denseConvolutions } from '../../testing/convolutions.js';
import { tables } from '../../testing/tables.js';
import { expectClose, gamma, U } from '../../testing/tolerance.js';

type Pass = 'forward' | 'backwardInput' | 'backwardWeight';

/** A workspace of exactly what the kernel asked for, full of NaN: a kernel that reads what it did not write is found. */
function scratch(table: Kernels, pass: Pass, g: Conv2dGeometry): Float32Array {
  return new Float32Array(table.conv2dWorkspace(pass, g)).fill(Number.NaN);
}

interface Arrays {
  x: Float32Array;
  w: Float32Array;
  b: Float32Array | null;
  dy: Float32Array;
}

/** All four passes on the same numbers; the backward ones add to ones. */
function run(table: Kernels, g: Conv2dGeometry, { x, w, b, dy }: Arrays) {
  const y = new Float32Array(dy.length).fill(Number.NaN);
  const dx = new Float32Array(x.length).fill(1);
  const dw = new Float32Array(w.length).fill(1);
  const db = new Float32Array(g.outChannels).fill(1);
  table.conv2d(y, x, w, b, g, scratch(table, 'forward', g));
  table.conv2dBackwardInput(dx, dy, w, g, scratch(table, 'backwardInput', g));
  table.conv2dBackwardWeight(dw, dy, x, g, scratch(table, 'backwardWeight', g));
  table.conv2dBackwardBias(db, dy, g);
  return { y, dx, dw, db };
}

function draw(g: Conv2dGeometry, x: readonly number[], w: readonly number[], number: number, bias: boolean): Arrays {
  return {
    x: wholes(x, `x${number}`),
    w: wholes(w, `w${number}`),
    b: bias ? wholes(g.outChannels, `b${number}`) : null,
    dy: wholes(g.batch * g.outChannels * g.outHeight * g.outWidth, `dy${number}`),
  };
}

/** The sums of absolute products behind each result: what bounds of rounding errors are proportional to. */
function magnitudes(g: Conv2dGeometry, { x, w, b, dy }: Arrays) {
  const absolute = (a: Float32Array): Float32Array => a.map(Math.abs);
  return run(reference, g, { x: absolute(x), w: absolute(w), b: b && absolute(b), dy: absolute(dy) });
}

/** Equal to the last bit on whole numbers, but for Winograd's algorithm, whose constants are fractions: its own bound. */
function expectReference(name: string, table: Kernels, g: Conv2dGeometry, arrays: Arrays): void {
  const actual = run(table, g, arrays);
  const expected = run(reference, g, arrays);
  const passes = { y: 'forward', dx: 'backwardInput', dw: 'backwardWeight', db: 'forward' } as const;
  for (const key of ['y', 'dx', 'dw', 'db'] as const) {
    const isWinograd = name === 'simd' && key !== 'db' && algorithm(passes[key], g).startsWith('winograd');
    const largest = isWinograd ? magnitudes(g, arrays)[key].reduce((a, b) => Math.max(a, b), 0) : 0;
    expectClose(actual[key], expected[key], WINOGRAD_BOUND * U * largest, key);
  }
}

describe.each(tables)('conv2d kernels, %s', (name, table) => {
  test('a 3x3 image and a 2x2 filter, by hand', () => {
    const g = conv2dGeometry('test', [1, 1, 3, 3], [1, 1, 2, 2], {});
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const w = Float32Array.of(1, 0, 0, 2);
    const dy = Float32Array.of(1, 2, 3, 4);
    const { y, dx, dw, db } = run(table, g, { x, w, b: Float32Array.of(10), dy });
    // top left 1*1 + 5*2, plus the bias
    expect([...y]).toEqual([21, 24, 30, 33]);
    // pixel (1,1) was met by tap (0,0) of window (1,1) and by tap (1,1) of window (0,0): 4*1 + 1*2, and the 1 that was there
    expect([...dx]).toEqual([2, 3, 1, 4, 7, 5, 1, 7, 9]);
    // tap (0,0) met 1 2 4 5: 1*1 + 2*2 + 4*3 + 5*4, and the 1
    expect([...dw]).toEqual([38, 48, 68, 78]);
    expect([...db]).toEqual([11]);
  });

  test('agrees exactly with the reference on whole numbers, whatever the geometry', () => {
    fc.assert(
      fc.property(convolutions, seed, fc.boolean(), ({ x, w, g }, number, bias) => {
        const arrays = draw(g, x, w, number, bias);
        expectReference(name, table, g, arrays);
      }),
      { numRuns: 400 },
    );
  });

  test('agrees with the reference on dense 3x3 and 5x5 filters, whatever the padding', () => {
    const algorithms = new Set<string>();
    fc.assert(
      fc.property(denseConvolutions, seed, fc.boolean(), ({ x, w, g }, number, bias) => {
        for (const pass of ['forward', 'backwardInput', 'backwardWeight'] as const) {
          algorithms.add(`${pass} ${algorithm(pass, g)}`);
        }
        expectReference(name, table, g, draw(g, x, w, number, bias));
      }),
      { numRuns: 150 },
    );
    for (const expected of ['winograd2', 'winograd4', 'columns']) {
      for (const pass of ['forward', 'backwardInput', 'backwardWeight']) {
        expect([...algorithms]).toContain(`${pass} ${expected}`);
      }
    }
    expect([...algorithms]).toEqual(expect.arrayContaining(['forward winograd2x5', 'backwardInput winograd2x5']));
  });

  test.each([
    ['many channels: several blocks of windows', [2, 70, 33, 33], [9, 70, 3, 3], { padding: 1 }],
    ['a stride over many channels', [2, 33, 17, 17], [18, 33, 3, 3], { padding: 1, stride: 2 }],
    ['images of one pixel', [9, 12, 1, 1], [7, 12, 3, 3], { padding: 1 }],
    ['a classifier as a convolution', [5, 6, 4, 4], [10, 6, 4, 4], {}],
    [
      'taps that lie beyond an image of the same size',
      [2, 3, 3, 1],
      [4, 3, 3, 1],
      { padding: [0, 0, 4, 0], dilation: 3 },
    ],
    ['taps beside an image of the same size', [1, 2, 2, 3], [2, 2, 2, 3], { padding: [0, 2, 0, 0], dilation: [1, 2] }],
    ['an image larger than 256 pixels in a batch', [3, 2, 20, 20], [4, 2, 5, 5], { padding: 2 }],
    ['depthwise, stride 2', [2, 8, 15, 15], [8, 1, 3, 3], { padding: 1, stride: 2, groups: 8 }],
    ['depthwise 5x5', [2, 6, 13, 11], [6, 1, 5, 5], { padding: 2, groups: 6 }],
    ['depthwise 5x5, stride 2', [2, 6, 13, 18], [6, 1, 5, 5], { padding: 2, stride: 2, groups: 6 }],
    ['depthwise 5x5, dilation 2', [1, 3, 19, 14], [3, 1, 5, 5], { padding: 4, dilation: 2, groups: 3 }],
    ['depthwise 5x5, stride 2 and dilation 2', [1, 3, 19, 14], [3, 1, 5, 5], { dilation: 2, stride: 2, groups: 3 }],
    ['depthwise rows of 5, two a channel', [2, 4, 9, 14], [8, 1, 2, 5], { padding: [0, 2], stride: 2, groups: 4 }],
    ['depthwise columns of 5', [2, 4, 9, 14], [4, 1, 5, 1], { padding: [2, 0], groups: 4 }],
    ['depthwise 3x3, an odd number of rows, dilation 2', [2, 4, 9, 7], [4, 1, 3, 3], { dilation: [1, 2], groups: 4 }],
    ['depthwise 3x3, many rows', [1, 4, 37, 9], [4, 1, 3, 3], { padding: 1, groups: 4 }],
    ['a row of 7 taps, as in Inception v3', [2, 80, 9, 9], [75, 80, 1, 7], { padding: [0, 3] }],
    ['a column of 7 taps over many channels', [2, 150, 9, 9], [20, 150, 7, 1], { padding: [3, 0] }],
    ['a row of 7 taps over an odd number of channels', [3, 77, 5, 12], [81, 77, 1, 7], { padding: [0, 3] }],
    ['a column of 7 taps, stride 2 and no padding', [2, 74, 13, 6], [9, 74, 7, 1], { stride: 2 }],
    ['several ranges of output channels', [2, 24, 5, 5], [601, 24, 1, 1], {}],
    ['more small images than a block holds', [23, 40, 7, 7], [70, 40, 1, 1], {}],
    ['small images, stride 2, in groups', [19, 20, 5, 5], [18, 10, 3, 3], { padding: 1, stride: 2, groups: 2 }],
    ['5x5 filters', [3, 9, 13, 10], [11, 9, 5, 5], { padding: 2 }],
    ['5x5 filters without padding, several blocks', [2, 33, 27, 33], [21, 33, 5, 5], {}],
    ['5x5 filters with all the padding they can use', [2, 12, 6, 7], [8, 12, 5, 5], { padding: 4 }],
    ['5x5 filters, padding that differs from side to side', [1, 8, 9, 8], [10, 8, 5, 5], { padding: [1, 3, 0, 4] }],
    ['5x5 filters with more padding than filter', [1, 8, 9, 8], [10, 8, 5, 5], { padding: 5 }],
    ['no input channels', [2, 0, 3, 3], [4, 0, 3, 3], { padding: 1 }],
  ] as const)('agrees exactly with the reference: %s', (_, x, w, options) => {
    const g = conv2dGeometry('test', x, w, options);
    const arrays = draw(g, x, w, 1, true);
    expectReference(name, table, g, arrays);
  });

  test('the adjoint law: <conv(x, w), y> = <x, backwardInput(y, w)> = <w, backwardWeight(y, x)>', () => {
    fc.assert(
      fc.property(fc.oneof(convolutions, denseConvolutions), seed, ({ x: xShape, w: wShape, g }, number) => {
        // SIMD kernels know floats only: the law then holds to the rounding of float32, by Winograd's bound for two results.
        const Floats = name === 'simd' ? Float32Array : Float64Array;
        const x = Floats.from(normals(xShape, `x${number}`));
        const w = Floats.from(normals(wShape, `w${number}`));
        const v = Floats.from(normals(g.batch * g.outChannels * g.outHeight * g.outWidth, `v${number}`));
        // Not zeros: the law would hold for kernels that do nothing.
        const y = new Floats(v.length).fill(Number.NaN);
        const dx = new Floats(x.length);
        const dw = new Floats(w.length);
        const space = (pass: Pass): Float32Array | Float64Array => new Floats(table.conv2dWorkspace(pass, g));
        table.conv2d(y, x, w, null, g, space('forward'));
        table.conv2dBackwardInput(dx, v, w, g, space('backwardInput'));
        table.conv2dBackwardWeight(dw, v, x, g, space('backwardWeight'));
        const products = sizeOf(wShape) * g.batch * g.outHeight * g.outWidth;
        // Drawn numbers stay below 6, so each product of three below 216.
        const relative = name === 'simd' ? 2 * WINOGRAD_BOUND * U : (products + 9) * 2 ** -52;
        const bound = 216 * products * relative;
        expect(Math.abs(dot(y, v) - dot(x, dx))).toBeLessThanOrEqual(bound);
        expect(Math.abs(dot(y, v) - dot(w, dw))).toBeLessThanOrEqual(bound);
      }),
    );
  });

  test('on real numbers differs from the reference by no more than the rounding of one sum', () => {
    const g = conv2dGeometry('test', [3, 17, 9, 9], [6, 17, 3, 3], { padding: 1 });
    const x = normals([3, 17, 9, 9], 'x');
    const w = normals([6, 17, 3, 3], 'w');
    const dy = normals(3 * 6 * 81, 'dy');
    const actual = run(table, g, { x, w, b: null, dy });
    const expected = run(reference, g, { x, w, b: null, dy });
    const largest = magnitudes(g, { x, w, b: null, dy });
    // SIMD sums in float32: one rounding a product.
    const terms = name === 'simd' ? { y: 17 * 9, dw: 3 * 81 } : { y: 0, dw: 0 };
    expectClose(actual.y, expected.y, (i) => gamma(terms.y + 4) * largest.y[i], 'y');
    // The reference adds the taps of dx one after another in float32: 54 roundings.
    expectClose(actual.dx, expected.dx, (i) => gamma(6 * 9 + 4) * largest.dx[i], 'dx');
    expectClose(actual.dw, expected.dw, (i) => gamma(terms.dw + 4) * largest.dw[i], 'dw');
  });

  test('the workspace does not grow with the batch', () => {
    const of = (batch: number): number[] => {
      const g = conv2dGeometry('test', [batch, 64, 16, 16], [64, 64, 3, 3], { padding: 1 });
      return (['forward', 'backwardInput', 'backwardWeight'] as const).map((pass) => table.conv2dWorkspace(pass, g));
    };
    expect(of(256)).toEqual(of(128));
  });
});

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
