import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pair } from '../../src/base/check.js';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import {
  conv2dGeometry,
  conv2dOutputSize,
  convTranspose2dGeometry,
  convTranspose2dOutputSize,
  type Padding,
  pool2dGeometry,
  pool2dOutputSize,
} from '../../src/kernels/geometry.js';

describe('conv2dOutputSize', () => {
  test.each([
    ['6x6 with a 3x3 filter gives 4x4', 6, 3, {}, 4],
    ["'valid' is no padding", 6, 3, { padding: 'valid' }, 4],
    ['padding 1 keeps 6x6', 6, 3, { padding: 1 }, 6],
    ["'same' keeps 6x6", 6, 3, { padding: 'same' }, 6],
    ["'same' with a 5x5 filter is padding 2", 14, 5, { padding: 'same' }, 14],
    ["'same' with an even filter still keeps the size", 7, 2, { padding: 'same' }, 7],
    ["'same' with stride 2 gives ceil(n / 2)", 7, 3, { padding: 'same', stride: 2 }, 4],
    ['7x7, 3x3, stride 2 gives 3x3', 7, 3, { stride: 2 }, 3],
    ['the floor: 8x8, 3x3, stride 2 gives 3x3 too', 8, 3, { stride: 2 }, 3],
    ['224, 7x7, stride 2, padding 3 gives 112', 224, 7, { stride: 2, padding: 3 }, 112],
    ['227, 11x11, stride 4 gives 55', 227, 11, { stride: 4 }, 55],
    ['dilation 2 makes a 3x3 filter cover 5', 6, 3, { dilation: 2 }, 2],
    ['39x39, 3x3 gives 37', 39, 3, {}, 37],
    ['37, 5x5, stride 2 gives 17', 37, 5, { stride: 2 }, 17],
    ['a 1x1 filter keeps the size', 9, 1, {}, 9],
    ['a window as large as the image gives one', 5, 5, {}, 1],
  ] as const)('%s', (_, n, f, options, expected) => {
    expect(conv2dOutputSize(n, f, options)).toBe(expected);
  });

  test('is the number of places where the window fits', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 0, max: 5 }), size, (n, f, stride, padding, dilation) => {
        const extent = dilation * (f - 1) + 1;
        fc.pre(extent <= n + 2 * padding);
        let places = 0;
        for (let at = 0; at + extent <= n + 2 * padding; at += stride) places++;
        expect(conv2dOutputSize(n, f, { stride, padding, dilation })).toBe(places);
      }),
    );
  });

  test("'same' is ceil(n / stride) for every filter", () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, size, size, (n, f, stride, dilation) => {
        expect(conv2dOutputSize(n, f, { stride, dilation, padding: 'same' })).toBe(Math.ceil(n / stride));
      }),
    );
  });

  test('says what is not a whole number in range', () => {
    expect(() => conv2dOutputSize(6, 3, { stride: 0 })).toThrow(
      new ArgumentError('conv2dOutputSize: stride is 0, but must be a whole number >= 1.'),
    );
    expect(() => conv2dOutputSize(6, 3, { dilation: 1.5 })).toThrow('dilation is 1.5, but must be a whole number >= 1');
    expect(() => conv2dOutputSize(6, 3, { padding: -1 })).toThrow('padding is -1, but must be a whole number >= 0');
    expect(() => conv2dOutputSize(6, 0)).toThrow('kernel size is 0, but must be a whole number >= 1');
    expect(() => conv2dOutputSize(6.5, 3)).toThrow('input size is 6.5, but must be a whole number >= 0');
  });

  test('says how a window is larger than the padded input', () => {
    expect(() => conv2dOutputSize(3, 3, { padding: 1, dilation: 3 })).toThrow(
      new ShapeError(
        'conv2dOutputSize: the window covers 7 along the axis, but the padded input only 5 (3 + 1 + 1). Use a larger image, more padding or a smaller kernel.',
      ),
    );
  });
});

describe('pool2dOutputSize', () => {
  test.each([
    ['28 with 2x2 gives 14: the stride is the kernel', 28, 2, {}, 14],
    ['a 4x4 image with 2x2 gives 2x2', 4, 2, { stride: 2 }, 2],
    ['a 5x5 image with 3x3, stride 1 gives 3x3', 5, 3, { stride: 1 }, 3],
    ['13 with 2x2 drops the rest', 13, 2, {}, 6],
    ['13 with 2x2 and ceilMode keeps it', 13, 2, { ceilMode: true }, 7],
    ['112 with 3x3, stride 2, padding 1 gives 56', 112, 3, { stride: 2, padding: 1 }, 56],
    ['55 with 3x3, stride 2 gives 27', 55, 3, { stride: 2 }, 27],
    ['ceilMode adds no window that begins in the padding behind', 5, 2, { stride: 3, padding: 1, ceilMode: true }, 2],
    ['nor behind the image', 2, 1, { stride: 4, ceilMode: true }, 1],
    ['ceilMode takes a window that reaches over the end by less than a stride', 2, 3, { stride: 2, ceilMode: true }, 1],
  ] as const)('%s', (_, n, f, options, expected) => {
    expect(pool2dOutputSize(n, f, options)).toBe(expected);
  });

  test('says when the padding is more than half the kernel', () => {
    expect(() => pool2dOutputSize(8, 3, { padding: 2 })).toThrow(
      new ArgumentError('pool2dOutputSize: padding 2 is more than half the kernel 3; a window would see no image.'),
    );
    expect(() => pool2dOutputSize(8, 2, { stride: -2 })).toThrow('stride is -2, but must be a whole number >= 1');
    expect(() => pool2dOutputSize(2, 3)).toThrow('the window covers 3 along the axis, but the padded input only 2');
    expect(() => pool2dOutputSize(1, 3, { stride: 2, ceilMode: true })).toThrow('the padded input only 1');
  });
});

describe('convTranspose2dOutputSize', () => {
  test.each([
    ['4 with 2x2, stride 2 gives 8', 4, 2, { stride: 2 }, 8],
    ['4 with 3x3 gives 6', 4, 3, {}, 6],
    ['7 with 3x3, stride 2, padding 1 gives 13', 7, 3, { stride: 2, padding: 1 }, 13],
    ['and 14 with outputPadding 1', 7, 3, { stride: 2, padding: 1, outputPadding: 1 }, 14],
    ['dilation 2 makes 3x3 cover 5', 4, 3, { dilation: 2 }, 8],
  ] as const)('%s', (_, n, f, options, expected) => {
    expect(convTranspose2dOutputSize(n, f, options)).toBe(expected);
  });

  test('undoes conv2dOutputSize', () => {
    const size = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(size, size, size, fc.nat(3), size, fc.nat(7), (n, f, stride, padding, dilation, extra) => {
        fc.pre(extra < stride && (n - 1) * stride - 2 * padding + dilation * (f - 1) + extra >= 0);
        const options = { stride, padding, dilation };
        const larger = convTranspose2dOutputSize(n, f, { ...options, outputPadding: extra });
        expect(conv2dOutputSize(larger, f, options)).toBe(n);
      }),
    );
  });

  test('says what is out of range', () => {
    expect(() => convTranspose2dOutputSize(4, 3, { stride: 2, outputPadding: 2 })).toThrow(
      new ArgumentError(
        'convTranspose2dOutputSize: outputPadding is 2, but must be below the stride 2 or the dilation 1.',
      ),
    );
    expect(() => convTranspose2dOutputSize(1, 3, { padding: 2 })).toThrow(
      new ShapeError(
        'convTranspose2dOutputSize: input size 1 along the axis with kernel 3, stride 1, dilation 1 and padding 2 leaves an output of -1. Use less padding.',
      ),
    );
    expect(() => convTranspose2dOutputSize(0, 3)).toThrow('input size is 0, but must be a whole number >= 1');
    expect(() => convTranspose2dOutputSize(4, 3, { stride: 0 })).toThrow('stride is 0');
    expect(() => convTranspose2dOutputSize(4, 3, { dilation: -1 })).toThrow('dilation is -1');
    expect(() => convTranspose2dOutputSize(4, 3, { padding: 0.5 })).toThrow('padding is 0.5');
  });
});

describe('conv2dGeometry', () => {
  const at = (padding: Padding, kernel = [3, 3], x = [2, 3, 7, 9]) =>
    conv2dGeometry('conv2d', x, [4, 3, ...kernel], { padding });

  test('reads padding as a number, a pair, four sides, and by name', () => {
    expect(at(1)).toMatchObject({ padTop: 1, padLeft: 1, outHeight: 7, outWidth: 9 });
    expect(at([1, 2])).toMatchObject({ padTop: 1, padLeft: 2, outHeight: 7, outWidth: 11 });
    expect(at([1, 2, 3, 4])).toMatchObject({ padTop: 1, padLeft: 4, outHeight: 7 + 4 - 2, outWidth: 9 + 6 - 2 });
    expect(at('valid')).toMatchObject({ padTop: 0, padLeft: 0, outHeight: 5, outWidth: 7 });
    expect(at('same')).toMatchObject({ padTop: 1, padLeft: 1, outHeight: 7, outWidth: 9 });
  });

  test("'same' with an even filter puts the odd row and column behind", () => {
    expect(at('same', [2, 4])).toMatchObject({ padTop: 0, padLeft: 1, outHeight: 7, outWidth: 9 });
  });

  test('keeps height and width apart', () => {
    const g = conv2dGeometry('conv2d', [1, 4, 10, 20], [6, 2, 3, 5], { stride: [1, 2], dilation: [2, 1], groups: 2 });
    expect(g).toMatchObject({
      outHeight: 6,
      outWidth: 8,
      strideHeight: 1,
      strideWidth: 2,
      dilationHeight: 2,
      groups: 2,
    });
  });

  test('an empty batch is a batch', () => {
    expect(at(1, [3, 3], [0, 3, 7, 9])).toMatchObject({ batch: 0, outHeight: 7, outWidth: 9 });
  });

  test('says which channels do not fit', () => {
    expect(() => conv2dGeometry('conv2d', [8, 3, 224, 224], [64, 4, 7, 7], {})).toThrow(
      new ShapeError(
        'conv2d: x [8, 3, 224, 224] has 3 channels, but w [64, 4, 7, 7] with groups=1 needs 4. Pass inChannels=3, or set groups.',
      ),
    );
    expect(() => conv2dGeometry('conv2d', [8, 6, 9, 9], [8, 2, 3, 3], { groups: 3 })).toThrow(
      new ShapeError('conv2d: groups=3 must divide both the 6 input and the 8 output channels.'),
    );
  });

  test('says which option is malformed', () => {
    const make = (options: object) => () => conv2dGeometry('conv2d', [1, 1, 9, 9], [1, 1, 3, 3], options);
    expect(make({ stride: 0 })).toThrow(new ArgumentError('conv2d: stride is 0, but must be a whole number >= 1.'));
    expect(make({ stride: [1, -1] })).toThrow('conv2d: stride is -1');
    expect(make({ stride: [1, 2, 3] })).toThrow(
      new ArgumentError('conv2d: stride is [1,2,3], but must be a number or [height, width].'),
    );
    expect(make({ dilation: 0.5 })).toThrow('conv2d: dilation is 0.5, but must be a whole number >= 1.');
    expect(make({ groups: 0 })).toThrow('conv2d: groups is 0, but must be a whole number >= 1.');
    expect(make({ padding: -1 })).toThrow('conv2d: padding is -1, but must be a whole number >= 0.');
    expect(make({ padding: Number.NaN })).toThrow('conv2d: padding is NaN');
    expect(make({ padding: [1, 2, 3] })).toThrow(
      new ArgumentError(
        "conv2d: padding is [1,2,3], but must be a number, [height, width], [top, right, bottom, left], 'valid' or 'same'.",
      ),
    );
    expect(make({ padding: 'full' })).toThrow(`conv2d: padding is "full", but must be`);
    expect(() => conv2dGeometry('conv2d', [1, 1, 9, 9], [1, 1, 0, 3], {})).toThrow(
      'conv2d: kernel height is 0, but must be a whole number >= 1.',
    );
  });

  test('says along which axis the window does not fit', () => {
    expect(() => at(0, [8, 3])).toThrow(
      'conv2d: the window covers 8 along height, but the padded input only 7 (7 + 0 + 0)',
    );
    expect(() => at([0, 1, 0, 0], [3, 11])).toThrow('covers 11 along width, but the padded input only 10 (9 + 0 + 1)');
  });
});

describe('pool2dGeometry', () => {
  test('counts planes and takes the stride from the kernel', () => {
    const g = pool2dGeometry('maxPool2d', [2, 3, 7, 9], { kernelSize: [2, 3] });
    expect(g).toMatchObject({ planes: 6, outHeight: 3, outWidth: 3, strideHeight: 2, strideWidth: 3 });
    expect(g.countIncludePad).toBe(true);
  });

  test('says which option is malformed', () => {
    const make = (kernelSize: Pair, padding: Pair) => () =>
      pool2dGeometry('maxPool2d', [1, 1, 9, 9], { kernelSize, padding });
    expect(make(0, 0)).toThrow('maxPool2d: kernelSize is 0, but must be a whole number >= 1.');
    expect(make([3, 2], [1, 2])).toThrow('maxPool2d: padding 2 is more than half the kernel 2');
    expect(make(10, 0)).toThrow('maxPool2d: the window covers 10 along height');
  });
});

describe('convTranspose2dGeometry', () => {
  test('describes the convolution from y to x', () => {
    const g = convTranspose2dGeometry('convTranspose2d', [2, 6, 7, 5], [6, 4, 3, 3], { stride: 2, groups: 2 });
    expect(g).toMatchObject({ inChannels: 8, inHeight: 15, inWidth: 11, outChannels: 6, outHeight: 7, outWidth: 5 });
  });

  test('says which channels, groups or sizes do not fit', () => {
    const make = (x: number[], w: number[], options: object) => () =>
      convTranspose2dGeometry('convTranspose2d', x, w, options);
    expect(make([1, 3, 4, 4], [4, 2, 3, 3], {})).toThrow(
      new ShapeError(
        'convTranspose2d: x [1, 3, 4, 4] has 3 channels, but w [4, 2, 3, 3] needs 4. Its axes are [C, O/groups, R, S].',
      ),
    );
    expect(make([1, 3, 4, 4], [3, 2, 3, 3], { groups: 2 })).toThrow(
      new ShapeError('convTranspose2d: groups=2 must divide the 3 input channels.'),
    );
    expect(make([1, 3, 1, 4], [3, 2, 1, 1], { padding: [1, 0] })).toThrow('along height with kernel 1');
    expect(make([1, 3, 4, 4], [3, 2, 3, 3], { outputPadding: 1 })).toThrow('outputPadding is 1, but must be below');
  });
});
