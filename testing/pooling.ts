import fc from 'fast-check';
import type { Shape } from '../src/base/shape.js';
import type { Pool2dOptions } from '../src/kernels/geometry.js';
import { seed } from './arbitraries.js';

export interface PoolCase {
  shape: Shape;
  options: Pool2dOptions;
  seed: number;
}

/** Images and windows that fit them: odd sizes, strides beyond the kernel, padding up to half of it, 1x1, empty batches. */
export const poolCases: fc.Arbitrary<PoolCase> = fc
  .record({
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    extra: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
    stride: fc.option(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })), { nil: undefined }),
    padded: fc.tuple(fc.boolean(), fc.boolean()),
    ceilMode: fc.boolean(),
    countIncludePad: fc.boolean(),
    seed,
  })
  .map(({ batch, channels, kernel, extra, stride, padded, ceilMode, countIncludePad, seed }) => ({
    shape: [batch, channels, kernel[0] + extra[0], kernel[1] + extra[1]],
    options: {
      kernelSize: kernel,
      stride,
      padding: [padded[0] ? Math.floor(kernel[0] / 2) : 0, padded[1] ? Math.floor(kernel[1] / 2) : 0],
      ceilMode,
      countIncludePad,
    },
    seed,
  }));

/** Images and another size for them. */
export const resizeCases = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  ),
  size: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
  seed,
});
