import type { Conv2dGeometry } from '../geometry.js';
import { isDepthwise } from './depthwise.js';
import { winogradFits } from './winograd.js';

export type ConvolutionPass = 'forward' | 'backwardInput' | 'backwardWeight';
export type ConvolutionAlgorithm = 'linear' | 'depthwise' | 'winograd4' | 'winograd2' | 'columns';

/**
 * Which algorithm computes a convolution, the first that fits:
 *
 * - linear: the window covers the whole image and there is one output pixel. It is a matrix product, w [O, C R S].
 * - depthwise: one input channel a group. There is nothing to sum over channels, so a product would be nearly empty.
 * - winograd4, F(4x4, 3x3), or winograd2, F(2x2, 3x3): 3x3 at stride 1, whichever of them and columns costs least. The larger tile has
 *   fewer products, the smaller one cheaper filter transforms, which count when there are few pixels to share them.
 * - columns: everything else, im2col a block at a time; 1x1 at stride 1 needs no gathering.
 */
export function algorithm(pass: ConvolutionPass, g: Conv2dGeometry): ConvolutionAlgorithm {
  const isWhole = g.kernelHeight === g.inHeight && g.kernelWidth === g.inWidth && g.padTop === 0 && g.padLeft === 0;
  if (isWhole && g.outHeight === 1 && g.outWidth === 1 && g.groups === 1) return 'linear';
  if (isDepthwise(g)) return 'depthwise';
  if (!winogradFits(g) || Math.min(g.inChannels, g.outChannels) < 8) return 'columns';
  const [direct, two, four] = costs(pass, g);
  if (direct <= two && direct <= four) return 'columns';
  return two < four ? 'winograd2' : 'winograd4';
}

/**
 * Cycles for each pair of an input and an output channel: by columns, F(2, 3) and F(4, 3). Fitted to `npm run bench -- conv2d`: a filter
 * costs 12, 14 and 40; eight products go in a cycle, 9 of them a pixel, 16 or 36 a tile; a tile's own transforms cost 8 or 15 for each channel
 * of either side.
 */
function costs(pass: ConvolutionPass, g: Conv2dGeometry): [columns: number, two: number, four: number] {
  const [height, width] = pass === 'backwardInput' ? [g.inHeight, g.inWidth] : [g.outHeight, g.outWidth];
  const eights = (n: number): number => Math.ceil(n / 8) * 8;
  const tiles = (m: number): number => eights(g.batch * Math.ceil(height / m) * Math.ceil(width / m));
  const share = (g.inChannels + g.outChannels) / (g.inChannels * g.outChannels);
  return [
    12 + 1.3 * g.batch * eights(height * width),
    14 + tiles(2) * (16 / 8 + 8 * share),
    40 + tiles(4) * (36 / 8 + 15 * share),
  ];
}
