import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { Int8ConvGeometry, Int8PoolGeometry } from '../../src/kernels/contracts/quantized.js';
import { quantizedTables } from '../../src/kernels/families/quantized.js';
import { toByte } from '../../src/kernels/reference/int8/requantize.js';
import { type Kernels, reference } from '../../src/kernels/tables.js';
import { configurePrograms, defaultThreads } from '../../src/wasm/program.js';
import { seed, wholes } from '../../testing/arbitraries.js';
import { tables } from '../../testing/tables.js';

const others = tables.filter(([name]) => name !== 'reference');
const range = { zero: -3, low: -128, high: 127 };

function bytes(length: number, name: string | number, low = -128, high = 127): Int8Array {
  const middle = Math.floor((low + high + 1) / 2);
  return Int8Array.from(wholes(length, name, 128), (v) => Math.min(Math.max(v + middle, low), high));
}

const convolutions = fc
  .record({
    groups: fc.constantFrom(1, 1, 2, 3),
    I: fc.integer({ min: 1, max: 20 }),
    O: fc.integer({ min: 1, max: 18 }),
    isDepthwise: fc.boolean(),
    inHeight: fc.integer({ min: 1, max: 9 }),
    inWidth: fc.integer({ min: 1, max: 9 }),
    kernelHeight: fc.constantFrom(1, 3, 3, 2, 5),
    kernelWidth: fc.constantFrom(1, 3, 3, 2),
    strideHeight: fc.integer({ min: 1, max: 2 }),
    strideWidth: fc.integer({ min: 1, max: 3 }),
    padTop: fc.integer({ min: 0, max: 2 }),
    padLeft: fc.integer({ min: 0, max: 2 }),
    padMore: fc.integer({ min: 0, max: 1 }),
    dilationHeight: fc.integer({ min: 1, max: 2 }),
    dilationWidth: fc.integer({ min: 1, max: 2 }),
    gap: fc.constantFrom(0, 0, 1, 7),
    residual: fc.boolean(),
    operands: fc.constantFrom('wide', 'narrow x', 'narrow', 'small'),
  })
  .map(({ groups: count, I, O, isDepthwise, padMore, gap, residual, operands, ...g }) => {
    const groups = isDepthwise ? Math.max(2, I) : count;
    const inChannels = isDepthwise ? groups : I * groups;
    const outChannels = isDepthwise ? groups : O * groups;
    const size = (n: number, pad: number, k: number, d: number, s: number): number =>
      Math.floor((n + 2 * pad + padMore - d * (k - 1) - 1) / s) + 1;
    const narrowX = operands !== 'wide';
    return {
      residual,
      small: operands === 'small',
      g: {
        ...g,
        inChannels,
        outChannels,
        groups,
        outHeight: size(g.inHeight, g.padTop, g.kernelHeight, g.dilationHeight, g.strideHeight),
        outWidth: size(g.inWidth, g.padLeft, g.kernelWidth, g.dilationWidth, g.strideWidth),
        xPixel: inChannels + gap,
        yPixel: outChannels + gap,
        xZero: narrowX ? 17 : -9,
        residualPixel: outChannels,
        residualZero: 4,
        residualScale: 0.37,
        zero: narrowX ? 5 : -3,
        low: narrowX ? 0 : -128,
        high: 127,
        narrowX,
        narrowW: operands === 'narrow',
      } satisfies Int8ConvGeometry,
    };
  })
  .filter(({ g }) => g.outHeight > 0 && g.outWidth > 0);

/** What the convolution of a table gives for operands that depend on the seed. */
function convolve(table: Kernels, g: Int8ConvGeometry, hasResidual: boolean, small: boolean, of: number): Int8Array {
  const window = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  const x = bytes(g.inHeight * g.inWidth * g.xPixel, `x${of}`, g.narrowX ? 0 : -128, 127);
  const most = small ? 12 : g.narrowW ? 64 : 127;
  const w = bytes(g.outChannels * window, `w${of}`, -most, most);
  const bias = Int32Array.from(wholes(g.outChannels, `b${of}`, 3000));
  const multiplier = Float32Array.from(wholes(g.outChannels, `m${of}`, 100), (v) => (v + 130) * 2e-5);
  const residual = hasResidual ? bytes(g.outHeight * g.outWidth * g.residualPixel, `r${of}`) : null;
  const y = new Int8Array(g.outHeight * g.outWidth * g.yPixel).fill(99);
  const kept = new Int8Array(table.int8ConvKeptLength(g));
  const space = new Int8Array(table.int8ConvWorkspace(g)).fill(55);
  if (kept.length > 0) table.int8ConvPrepare(kept, w, bias, multiplier, g);
  table.int8Conv2d(y, x, w, bias, multiplier, residual, g, space, kept.length > 0 ? kept : null);
  return y;
}

test('a sum of bytes becomes a byte: worked by hand', () => {
  const one = { kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 };
  const rest = { dilationHeight: 1, dilationWidth: 1, groups: 1, residualPixel: 0, residualZero: 0, residualScale: 1 };
  const size = { inHeight: 1, inWidth: 1, outHeight: 1, outWidth: 1, inChannels: 2, outChannels: 2 };
  const bytesOf = { xPixel: 2, yPixel: 2, xZero: 1, narrowX: false, narrowW: false };
  const g = { ...one, ...rest, ...size, ...bytesOf, zero: 10, low: -128, high: 127 };
  const y = new Int8Array(2);
  // (3 - 1) * 5 + (-4 - 1) * 2 + 5 = 5, times 0.5 = 2.5, to even 2, + 10; (3 - 1) * 100 + 0 - 1 = 199, times 1, cut to 127.
  const w = Int8Array.of(5, 2, 100, 0);
  reference.int8Conv2d(
    y,
    Int8Array.of(3, -4),
    w,
    Int32Array.of(5, -1),
    Float32Array.of(0.5, 1),
    null,
    g,
    new Int8Array(0),
    null,
  );
  expect([...y]).toEqual([12, 127]);
});

test('numbers are rounded half to even and cut', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, Number.NaN].map((v) => toByte(v, range))).toEqual(
    [0, 2, 2, 0, -2, 130, -125, -125].map((v) => v - 3),
  );
});

describe.each(others)('%s computes the integers of the reference', (_name, table) => {
  it('in convolutions', () => {
    fc.assert(
      fc.property(convolutions, seed, ({ g, residual, small }, of) => {
        const found = convolve(table, g, residual, small, of);
        expect(found).toEqual(convolve(reference, g, residual, small, of));
      }),
      { numRuns: 120 },
    );
  });

  it('in the last layer, as numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 21 }), seed, (I, O, of) => {
        const plain = { kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 };
        const rest = { dilationHeight: 1, dilationWidth: 1, groups: 1, inHeight: 1, inWidth: 1, outHeight: 1 };
        const zeros = { residualPixel: 0, residualZero: 0, residualScale: 0, ...range, xZero: 7 };
        const channels = { inChannels: I, outChannels: O, xPixel: I, yPixel: O, outWidth: 1 };
        const g = { ...plain, ...rest, ...zeros, ...channels, narrowX: false, narrowW: false };
        const answers = [table, reference].map((of_) => {
          const kept = new Int8Array(of_.int8ConvKeptLength(g));
          const [x, w] = [bytes(I, `x${of}`), bytes(I * O, `w${of}`)];
          const bias = Int32Array.from(wholes(O, of, 1000));
          const multiplier = Float32Array.from(wholes(O, `m${of}`, 1000), (v) => v * 1e-6);
          if (kept.length > 0) of_.int8ConvPrepare(kept, w, bias, multiplier, g);
          const y = new Float32Array(O);
          of_.int8Linear(y, x, w, bias, multiplier, g, kept.length > 0 ? kept : null);
          return y;
        });
        expect(answers[0]).toEqual(answers[1]);
      }),
      { numRuns: 30 },
    );
  });

  it('from numbers and back', () => {
    const sizes = fc.record({
      channels: fc.integer({ min: 1, max: 19 }),
      pixels: fc.integer({ min: 1, max: 23 }),
      gap: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(sizes, seed, ({ channels, pixels, gap }, of) => {
        const g = { channels, pixels, pixel: channels + gap };
        const x = Float32Array.from(wholes(channels * pixels, of, 1000), (v) => v / 64);
        const [found, wanted] = [table, reference].map((of_) => {
          const y = new Int8Array(pixels * g.pixel);
          of_.int8Quantize(y, x, g, range, 7.7);
          const back = new Float32Array(x.length);
          of_.int8Dequantize(back, y, g, range.zero, 1 / 7.7);
          return [y, back];
        });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  it('in sums, products, tables and copies', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 37 }), fc.integer({ min: 1, max: 9 }), seed, (channels, pixels, of) => {
        const [a, b] = [bytes(pixels * (channels + 2), `a${of}`), bytes(pixels * (channels + 1), `b${of}`)];
        const lookup = bytes(256, `t${of}`);
        const common = { channels, pixels, aPixel: channels + 2, yPixel: channels + 3, aZero: 5, bZero: -7 };
        const [found, wanted] = [table, reference].map((of_) => {
          const made = [0, 1, 2, 3].map(() => new Int8Array(pixels * (channels + 3)));
          of_.int8Add(made[0], a, b, { ...common, bPixel: channels + 1, aScale: 0.61, bScale: 1.3 }, range);
          of_.int8Scale(made[1], a, b, { ...common, scale: 0.013 }, range);
          const copy = { channels, pixels, xPixel: channels + 2, yPixel: channels + 3 };
          of_.int8Lookup(made[2], a, lookup, copy);
          of_.int8Copy(made[3], a, copy);
          return made;
        });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  it('in pools', () => {
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 37 }), seed, (inHeight, inWidth, channels, of) => {
        const windowsOf = (n: number): number[][] =>
          Array.from({ length: n }, (_, i) => [Math.max(0, i - 1), Math.min(n, i + 2), 1 + (of % 3)]);
        const windows = Int32Array.from([...windowsOf(inHeight), ...windowsOf(inWidth)].flat());
        const [xPixel, yPixel] = [channels + 1, channels + 2];
        const g: Int8PoolGeometry = {
          ...{ channels, inWidth, xPixel, yPixel, xZero: 3, scale: 0.8 },
          ...{ outHeight: inHeight, outWidth: inWidth },
        };
        const x = bytes(inHeight * inWidth * xPixel, of);
        const [found, wanted] = [table, reference].map((of_) => {
          const made = [0, 1].map(() => new Int8Array(inHeight * inWidth * yPixel));
          of_.int8MaxPool(made[0], x, windows, g);
          of_.int8AvgPool(made[1], x, windows, g, range);
          return made;
        });
        expect(found).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });
});

describe('on several threads', () => {
  afterAll(() => configurePrograms({ threads: defaultThreads() }));

  it('convolutions give the same integers', () => {
    const [, simd] = others.find(([name]) => name === 'simd') as [string, Kernels];
    const [draw] = fc.sample(convolutions, { numRuns: 1, seed: 3 });
    const g = { ...draw.g, inHeight: 40, inWidth: 40, padTop: 0, padLeft: 0, outHeight: 18, outWidth: 12 };
    const answers = [1, 2, 3].map((threads) => {
      configurePrograms({ threads });
      return convolve(simd, g, true, false, 5);
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});

test('the same contract holds in every table', () => {
  const names = Object.keys(quantizedTables.reference).sort();
  expect(Object.keys(quantizedTables.simd).sort()).toEqual(names);
});
