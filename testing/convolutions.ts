import fc from 'fast-check';
import type { Shape } from '../src/base/shape.js';
import { type Conv2dGeometry, type Conv2dOptions, conv2dGeometry } from '../src/kernels/geometry.js';

/** A convolution drawn at random: shapes and options that fit each other, and the geometry they give. */
export interface DrawnConvolution {
  x: Shape;
  w: Shape;
  options: Conv2dOptions;
  g: Conv2dGeometry;
}

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/**
 * Odd sizes, strides larger than the kernel, dilation, groups down to depthwise, padding that differs from side to side and
 * exceeds the kernel, 1x1 filters, images that one window covers, images of the filter's size whose taps lie in the padding, empty
 * batches.
 */
export const convolutions: fc.Arbitrary<DrawnConvolution> = fc
  .record({
    batch: small(0, 5),
    groups: small(1, 4),
    groupInputs: small(1, 5),
    groupOutputs: small(1, 6),
    image: fc.option(fc.tuple(small(1, 11), small(1, 11)), { nil: null }),
    kernel: fc.oneof(fc.constant([1, 1] as const), fc.tuple(small(1, 4), small(1, 4))),
    stride: fc.oneof(fc.constant([1, 1] as const), fc.tuple(small(1, 5), small(1, 5))),
    dilation: fc.oneof(fc.constant([1, 1] as const), fc.tuple(small(1, 3), small(1, 3))),
    padding: fc.oneof(
      fc.constant([0, 0, 0, 0] as const),
      fc.constantFrom('same', 'as needed'),
      fc.tuple(small(0, 5), small(0, 5), small(0, 5), small(0, 5)),
    ),
  })
  .map(({ batch, groups, groupInputs, groupOutputs, image, kernel, stride, dilation, padding }) => {
    const reach = [0, 1].map((axis) => dilation[axis] * (kernel[axis] - 1) + 1);
    const size = image ?? kernel;
    const sides = padding === 'as needed' ? [0, reach[1] - size[1], reach[0] - size[0], 0] : padding;
    const given =
      sides === 'same' ? sides : (sides.map((side) => Math.max(0, side)) as [number, number, number, number]);
    const [top, right, bottom, left] = given === 'same' ? [0, 0, 0, 0] : given;
    // An image too small for the window grows to just fit it.
    const height = Math.max(size[0], reach[0] - top - bottom, 1);
    const width = Math.max(size[1], reach[1] - left - right, 1);
    const x = [batch, groups * groupInputs, height, width];
    const w = [groups * groupOutputs, groupInputs, kernel[0], kernel[1]];
    const options: Conv2dOptions = { stride, padding: given, dilation, groups };
    return { x, w, options, g: conv2dGeometry('test', x, w, options) };
  });

/** 3x3 and 5x5 filters at stride 1 with enough channels for Winograd's algorithm, and every padding, fit for it or not. */
export const denseConvolutions: fc.Arbitrary<DrawnConvolution> = fc
  .record({
    batch: small(0, 3),
    inChannels: small(6, 20),
    outChannels: small(6, 20),
    // The larger ones are worth the larger tiles.
    image: fc.oneof(fc.tuple(small(1, 14), small(1, 14)), fc.tuple(small(14, 23), small(14, 23))),
    taps: fc.constantFrom(3, 3, 5),
    padding: fc.oneof(
      fc.constant(1),
      fc.constant('same' as const),
      fc.tuple(small(0, 5), small(0, 5), small(0, 5), small(0, 5)),
    ),
  })
  .map(({ batch, inChannels, outChannels, image, taps, padding }) => {
    const sides = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    const [top, right, bottom, left] = sides === 'same' ? [0, 0, 0, 0] : sides;
    const x = [batch, inChannels, Math.max(image[0], taps - top - bottom), Math.max(image[1], taps - left - right)];
    const w = [outChannels, inChannels, taps, taps];
    const options: Conv2dOptions = { padding };
    return { x, w, options, g: conv2dGeometry('test', x, w, options) };
  });
