import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { FusedActivation } from '../../src/kernels/contracts/convolution.js';
import { type Conv2dGeometry, conv2dGeometry } from '../../src/kernels/geometry.js';
import { algorithm } from '../../src/kernels/simd/conv/conv2d.js';
import type { ConvolutionAlgorithm } from '../../src/kernels/simd/conv/costs.js';
import { WINOGRAD_BOUND } from '../../src/kernels/simd/conv/winograd.js';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { configurePrograms, defaultThreads } from '../../src/wasm/program.js';
import { seed, wholes } from '../../testing/arbitraries.js';
import { convolutions, denseConvolutions } from '../../testing/convolutions.js';
import { tables } from '../../testing/tables.js';
import { expectClose, U } from '../../testing/tolerance.js';

interface Fused {
  scale: boolean;
  shift: boolean;
  residual: boolean;
  activation: FusedActivation;
}

const epilogues = fc.record({
  scale: fc.boolean(),
  shift: fc.boolean(),
  residual: fc.boolean(),
  activation: fc.constantFrom<FusedActivation>('none', 'relu', 'relu6'),
});

/** Whole numbers, so that every table must give the same; scales are powers of two, negative ones among them. */
function run(
  table: Kernels,
  g: Conv2dGeometry,
  { scale, shift, residual, activation }: Fused,
  number: number,
): Float32Array {
  const { inChannels: C, outChannels: O, groups } = g;
  const x = wholes(g.batch * C * g.inHeight * g.inWidth, `x${number}`);
  const w = wholes((O * C * g.kernelHeight * g.kernelWidth) / groups, `w${number}`);
  const scales = Float32Array.from({ length: O }, (_, o) => [0.5, -1, 2, 1, -0.25][(o + number) % 5]);
  const shifts = wholes(O, `b${number}`);
  const y = new Float32Array(g.batch * O * g.outHeight * g.outWidth).fill(Number.NaN);
  const residuals = wholes(y.length, `r${number}`);
  const space = new Float32Array(table.conv2dWorkspace('forward', g)).fill(Number.NaN);
  table.conv2dFused(
    y,
    x,
    w,
    scale ? scales : null,
    shift ? shifts : null,
    residual ? residuals : null,
    activation,
    g,
    space,
    null,
  );
  return y;
}

/** Exact but for Winograd's algorithm, whose own bound stands on the largest sum of absolute products. */
function bound(name: string, g: Conv2dGeometry): number {
  if (name !== 'simd' || !algorithm('forward', g).startsWith('winograd')) return 0;
  // Whole numbers are drawn from -4 to 4, scales reach 2.
  return WINOGRAD_BOUND * U * 2 * (16 * g.kernelHeight * g.kernelWidth * g.inChannels + 4);
}

/** One shape for every algorithm, with channels that fill no register tile and pixels that fill no vector. */
const shapes: [ConvolutionAlgorithm, Conv2dGeometry][] = [
  ['linear', conv2dGeometry('test', [3, 5, 4, 4], [7, 5, 4, 4], {})],
  ['depthwise', conv2dGeometry('test', [2, 9, 21, 15], [9, 1, 3, 3], { padding: 1, groups: 9 })],
  ['winograd2', conv2dGeometry('test', [1, 16, 6, 6], [13, 16, 3, 3], { padding: 1 })],
  ['winograd4', conv2dGeometry('test', [4, 16, 19, 18], [13, 16, 3, 3], { padding: 1 })],
  ['winograd2x5', conv2dGeometry('test', [2, 16, 11, 12], [13, 16, 5, 5], { padding: 2 })],
  // Three blocks of 512 / 9 channels: the epilogue comes once, after the last.
  ['columns', conv2dGeometry('test', [2, 130, 9, 7], [15, 130, 3, 3], { padding: 1, stride: 2 })],
  // 25 pixels: one is left over.
  ['columns', conv2dGeometry('test', [2, 70, 5, 5], [20, 70, 1, 1], {})],
  // No padding at stride 2, gathered from the image itself.
  ['columns', conv2dGeometry('test', [2, 9, 9, 11], [7, 9, 3, 3], { stride: 2 })],
  ['columns', conv2dGeometry('test', [1, 8, 25, 23], [6, 4, 1, 1], { groups: 2 })],
];

describe.each(tables)('the fused convolution, %s', (name, table) => {
  test('scales, shifts and cuts off, by hand', () => {
    const g = conv2dGeometry('test', [1, 1, 1, 3], [2, 1, 1, 1], {});
    const y = new Float32Array(6);
    const of = (activation: FusedActivation): number[] => {
      const x = Float32Array.of(1, -2, 3);
      const space = new Float32Array(table.conv2dWorkspace('forward', g));
      table.conv2dFused(
        y,
        x,
        Float32Array.of(1, 2),
        Float32Array.of(2, -1),
        Float32Array.of(1, 3),
        null,
        activation,
        g,
        space,
        null,
      );
      return [...y];
    };
    // channel 0: 2 x + 1, channel 1: -2 x + 3
    expect(of('none')).toEqual([3, -3, 7, 1, 7, -3]);
    expect(of('relu')).toEqual([3, 0, 7, 1, 7, 0]);
    expect(of('relu6')).toEqual([3, 0, 6, 1, 6, 0]);
  });

  test.each(shapes)('equals the reference on %s shapes', (_, g) => {
    fc.assert(
      fc.property(epilogues, seed, (fused, number) => {
        expectClose(run(table, g, fused, number), run(reference, g, fused, number), bound(name, g), 'y');
      }),
      { numRuns: 12 },
    );
  });

  test('equals the reference whatever the geometry', () => {
    fc.assert(
      fc.property(fc.oneof(convolutions, denseConvolutions), epilogues, seed, ({ g }, fused, number) => {
        expectClose(run(table, g, fused, number), run(reference, g, fused, number), bound(name, g), 'y');
      }),
      { numRuns: 150 },
    );
  });

  test('a NaN stays one through every activation', () => {
    const g = conv2dGeometry('test', [1, 1, 4, 5], [1, 1, 1, 1], {});
    for (const activation of ['none', 'relu', 'relu6', 'hardSwish', 'hardSigmoid', 'silu', 'sigmoid'] as const) {
      const y = new Float32Array(20);
      const space = new Float32Array(table.conv2dWorkspace('forward', g));
      const x = new Float32Array(20).fill(Number.NaN);
      table.conv2dFused(y, x, Float32Array.of(1), null, null, null, activation, g, space, null);
      expect(y.every(Number.isNaN)).toBe(true);
    }
  });
});

describe('the fused convolution on several threads', () => {
  afterAll(() => configurePrograms({ threads: defaultThreads() }));

  test.each(shapes)('gives the same bits on 1, 2 and 3 threads: %s', (expected, g) => {
    expect(algorithm('forward', g)).toBe(expected);
    const [one, ...others] = [1, 2, 3].map((threads) => {
      configurePrograms({ threads });
      return run(tables[2][1], g, { scale: true, shift: true, residual: true, activation: 'relu' }, 7);
    });
    for (const other of others) expectClose(other, one, 0, 'y');
  });
});
