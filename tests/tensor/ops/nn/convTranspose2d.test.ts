import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, ShapeError } from '../../../../src/base/errors.js';
import type { Shape } from '../../../../src/base/shape.js';
import { add } from '../../../../src/tensor/ops/math/add.js';
import { conv2d } from '../../../../src/tensor/ops/nn/conv2d.js';
import { type ConvTranspose2dOptions, convTranspose2d } from '../../../../src/tensor/ops/nn/convTranspose2d.js';
import { Tensor } from '../../../../src/tensor/tensor.js';
import { seed, wholes } from '../../../../testing/arbitraries.js';
import { tables, withTable } from '../../../../testing/tables.js';
import { expectGradients } from '../../../../testing/tolerance.js';

const whole = (shape: Shape, of: string): Tensor => Tensor.from(wholes(shape, of), shape);
const values = (t: Tensor): number[] => [...t.data];

interface Drawn {
  x: Shape;
  w: Shape;
  options: { stride: number; padding: [number, number]; outputPadding: number; dilation: number; groups: number };
}

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const drawn: fc.Arbitrary<Drawn> = fc
  .record({
    batch: small(0, 3),
    groups: small(1, 3),
    inputs: small(1, 4),
    outputs: small(1, 4),
    image: fc.tuple(small(1, 5), small(1, 5)),
    kernel: fc.tuple(small(1, 4), small(1, 4)),
    stride: small(1, 4),
    dilation: small(1, 3),
    extra: small(0, 3),
  })
  .map(({ batch, groups, inputs, outputs, image, kernel, stride, dilation, extra }) => {
    // As much padding as leaves an output of at least one pixel.
    const padding = image.map((n, axis) =>
      Math.min(2, Math.floor(((n - 1) * stride + dilation * (kernel[axis] - 1)) / 2)),
    ) as [number, number];
    const outputPadding = Math.min(extra, Math.max(stride, dilation) - 1);
    return {
      x: [batch, groups * inputs, ...image],
      w: [groups * inputs, outputs, ...kernel],
      options: { stride, padding, outputPadding, dilation, groups },
    };
  });

/** The definition: every input pixel stamps the filters into y; what falls outside is lost. */
function stamp(x: Tensor, w: Tensor, y: Tensor, options: Drawn['options']): number[] {
  const { stride, padding, dilation, groups } = options;
  const [N, C, H, W] = x.shape;
  const [, perGroup, R, S] = w.shape;
  const [, O, P, Q] = y.shape;
  const out = new Array<number>(y.size).fill(0);
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let h = 0; h < H; h++)
        for (let v = 0; v < W; v++)
          for (let o = 0; o < perGroup; o++)
            for (let r = 0; r < R; r++)
              for (let s = 0; s < S; s++) {
                const channel = Math.floor(c / (C / groups)) * perGroup + o;
                const p = h * stride + r * dilation - padding[0];
                const q = v * stride + s * dilation - padding[1];
                if (p < 0 || p >= P || q < 0 || q >= Q) continue;
                out[((n * O + channel) * P + p) * Q + q] +=
                  x.data[((n * C + c) * H + h) * W + v] * w.data[((c * perGroup + o) * R + r) * S + s];
              }
  return out;
}

describe.each(tables)('convTranspose2d, %s', (_, table) => {
  test('stamps that overlap add up, by hand', () => {
    withTable(table, () => {
      const x = Tensor.from([1, 2, 3, 4], [1, 1, 2, 2]);
      const w = Tensor.from([1, 10, 100, 1000], [1, 1, 2, 2]);
      // the middle pixel is met by all four: 1*1000 + 2*100 + 3*10 + 4*1, plus the bias
      const y = [5 + 1, 5 + 12, 5 + 20, 5 + 103, 5 + 1234, 5 + 2040, 5 + 300, 5 + 3400, 5 + 4000];
      expect(values(convTranspose2d(x, w, Tensor.from([5])))).toEqual(y);
    });
  });

  test('with a 2x2 filter and stride 2 doubles the image without overlap', () => {
    withTable(table, () => {
      const x = Tensor.from([1, 2], [1, 1, 1, 2]);
      const w = Tensor.from([1, 2, 3, 4], [1, 1, 2, 2]);
      expect(values(convTranspose2d(x, w, null, { stride: 2 }))).toEqual([1, 2, 2, 4, 3, 4, 6, 8]);
    });
  });

  test('is its definition on every drawn geometry', () => {
    withTable(table, () => {
      fc.assert(
        fc.property(drawn, seed, ({ x, w, options }, number) => {
          const [a, f] = [whole(x, `x${number}`), whole(w, `w${number}`)];
          const y = convTranspose2d(a, f, null, options);
          expect(values(y)).toEqual(stamp(a, f, y, options));
        }),
        { numRuns: 150 },
      );
    });
  });

  test('is the adjoint of conv2d: <convTranspose2d(x, w), y> = <x, conv2d(y, w)>', () => {
    withTable(table, () => {
      const options = { stride: 2, padding: 1, groups: 2 };
      const [x, w] = [whole([2, 6, 4, 5], 'x'), whole([6, 2, 3, 3], 'w')];
      const z = convTranspose2d(x, w, null, options);
      const y = whole(z.shape, 'y');
      const dot = (a: Tensor, b: Tensor): number => a.data.reduce((sum, v, i) => sum + v * b.data[i], 0);
      expect(dot(z, y)).toBe(dot(x, conv2d(y, w, null, options)));
    });
  });

  test('adds the bias to every pixel of its channel, also where no stamp falls', () => {
    withTable(table, () => {
      const y = convTranspose2d(Tensor.zeros([2, 1, 2, 2]), Tensor.ones([1, 2, 1, 1]), Tensor.from([3, 4]), {
        stride: 2,
      });
      expect(y.shape).toEqual([2, 2, 3, 3]);
      const image = [...new Array(9).fill(3), ...new Array(9).fill(4)];
      expect(values(y)).toEqual([...image, ...image]);
    });
  });

  test('gradients of x, w and b agree with central differences', () => {
    withTable(table, () => {
      const check = (x: Shape, w: Shape, options: ConvTranspose2dOptions): void =>
        expectGradients(
          (x, w, b) => convTranspose2d(x, w, b, options),
          [{ shape: x }, { shape: w }, { shape: [w[1] * (options.groups ?? 1)] }],
        );
      check([2, 3, 3, 4], [3, 4, 3, 3], {});
      check([2, 3, 3, 2], [3, 2, 3, 2], { stride: [2, 3], padding: 1, outputPadding: [1, 2] });
      check([1, 4, 3, 3], [4, 2, 2, 3], { groups: 2, dilation: 2, padding: [0, 1] });
    });
  });

  test('adds to the gradients that another use of x and w has left', () => {
    withTable(table, () => {
      expectGradients(
        (x, w) => add(convTranspose2d(x, w, null), convTranspose2d(x, w, null)),
        [{ shape: [1, 2, 2, 2] }, { shape: [2, 2, 2, 2] }],
      );
    });
  });
});

describe('convTranspose2d says', () => {
  const x = Tensor.zeros([1, 3, 4, 4]);
  const w = Tensor.zeros([3, 2, 3, 3]);

  test('which axes or channels do not fit', () => {
    expect(() => convTranspose2d(Tensor.zeros([3, 4, 4]), w, null)).toThrow(
      new ShapeError('convTranspose2d: x has shape [3, 4, 4], but needs 4 axes, [N, C, H, W].'),
    );
    expect(() => convTranspose2d(x, Tensor.zeros([3, 3]), null)).toThrow(
      new ShapeError('convTranspose2d: w has shape [3, 3], but needs 4 axes, [C, O/groups, R, S].'),
    );
    expect(() => convTranspose2d(x, Tensor.zeros([4, 2, 3, 3]), null)).toThrow(
      'has 3 channels, but w [4, 2, 3, 3] needs 4',
    );
    expect(() => convTranspose2d(x, w, Tensor.zeros([3]))).toThrow(
      new ShapeError('convTranspose2d: b has shape [3], but needs [2], one for each output channel.'),
    );
    expect(() => convTranspose2d(x, w, null, { groups: 2 })).toThrow(
      new ShapeError('convTranspose2d: groups=2 must divide the 3 input channels.'),
    );
  });

  test('which option is out of range', () => {
    expect(() => convTranspose2d(x, w, null, { stride: 0 })).toThrow(
      new ArgumentError('convTranspose2d: stride is 0, but must be a whole number >= 1.'),
    );
    expect(() => convTranspose2d(x, w, null, { outputPadding: 1 })).toThrow(
      new ArgumentError('convTranspose2d: outputPadding is 1, but must be below the stride 1 or the dilation 1.'),
    );
    expect(() => convTranspose2d(x, w, null, { padding: 3 })).toThrow(
      new ShapeError(
        'convTranspose2d: input size 4 along height with kernel 3, stride 1, dilation 1 and padding 3 leaves an output of 0. Use less padding.',
      ),
    );
  });
});
