import { beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { whiteningInit } from '../../src/layers/whiteningInit.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

/** Smooth random images: neighbors and colors are correlated. */
function images(count: number, channels: number, size: number): Tensor {
  const noise = normals([count, size, size], 'base');
  const own = normals([count, channels, size, size], 'own');
  const plane = size * size;
  const x = Float32Array.from(own, (v, i) => {
    const at = (Math.floor(i / (channels * plane)) * plane + (i % plane)) | 0;
    return 0.3 * v + noise[at] + 0.9 * (noise[at - 1] ?? 0);
  });
  return Tensor.from(x, [count, channels, size, size]);
}

describe('whiteningInit', () => {
  it('finds the two directions of patches of two equal or opposite pixels', () => {
    // Patches [1, 1] and [2, -2] alike often: the sum has mean square 1, the difference 4, along [1, 1] / sqrt 2.
    const x = Tensor.from([1, 1, 2, -2], [2, 1, 1, 2]);
    const conv = whiteningInit(new Conv2d(1, 4, [1, 2]), x, { eps: 1e-9 });
    const w = conv.weight.data;
    expect(Math.abs(w[0])).toBeCloseTo(1 / Math.sqrt(2) / 2, 6);
    expect(w[1]).toBeCloseTo(-w[0], 6);
    expect(Math.abs(w[2])).toBeCloseTo(1 / Math.sqrt(2), 6);
    expect(w[3]).toBeCloseTo(w[2], 6);
    expect([...w.subarray(4)]).toEqual([...w.subarray(0, 4)].map((v) => -v));
  });

  it('makes the outputs uncorrelated, each with mean square value / (value + eps)', () => {
    const x = images(30, 3, 12);
    const conv = whiteningInit(new Conv2d(3, 24, 2, { bias: false }), x, { eps: 1e-6 });
    const y = conv2d(x, conv.weight, null);
    const [count, channels, height, width] = y.shape;
    const plane = height * width;
    for (let i = 0; i < 12; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let n = 0; n < count; n++) {
          for (let p = 0; p < plane; p++) {
            sum += y.data[(n * channels + i) * plane + p] * y.data[(n * channels + j) * plane + p];
          }
        }
        expect(sum / (count * plane)).toBeCloseTo(i === j ? 1 : 0, 3);
      }
    }
  });

  it('does not blow up a direction that never occurs', () => {
    const conv = whiteningInit(new Conv2d(1, 8, 2), Tensor.ones([2, 1, 4, 4]), { eps: 0.01 });
    expect(Math.max(...conv.weight.data.map(Math.abs))).toBeLessThanOrEqual(10.001);
  });

  it('leaves the bias and the random streams alone', () => {
    const conv = new Conv2d(1, 8, 2);
    const bias = [...(conv.bias?.data ?? [])];
    whiteningInit(conv, Tensor.ones([2, 1, 4, 4]));
    expect([...(conv.bias?.data ?? [])]).toEqual(bias);
  });

  it('says what does not fit', () => {
    const conv = new Conv2d(3, 20, 2);
    expect(() => whiteningInit(conv, Tensor.zeros([1, 3, 8, 8]))).toThrow(
      'the weight [20, 3, 2, 2] of the convolution needs 2 x 12 filters, one group: each direction of its patches and its negative. Use new Conv2d(3, 24, [2, 2]).',
    );
    const fits = new Conv2d(3, 24, 2);
    expect(() => whiteningInit(fits, Tensor.zeros([1, 1, 8, 8]))).toThrow('need [N, 3, H, W] with N at least 1');
    expect(() => whiteningInit(fits, Tensor.zeros([1, 3, 1, 8]))).toThrow(ShapeError);
    expect(() => whiteningInit(fits, Tensor.zeros([1, 3, 8, 8]), { eps: 0 })).toThrow(ArgumentError);
  });
});
