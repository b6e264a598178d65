import { type Conv2dGeometry, isWholeImage } from '../../geometry.js';
import { isDepthwise } from './depthwise.js';
import { winogradFits } from './winograd.js';

export type ConvolutionPass = 'forward' | 'backwardInput' | 'backwardWeight';
export type ConvolutionAlgorithm = 'linear' | 'depthwise' | 'winograd4' | 'winograd2' | 'winograd2x5' | 'columns';

/** With fewer filters there is little to gain, and what is computed by hand, such as an edge filter on whole numbers, should come out exact. */
const LEAST_FILTERS = 32;

/**
 * Which algorithm computes a convolution, the first that fits:
 *
 * - linear: the window covers the whole image and there is one output pixel. It is a matrix product, w [O, C R S].
 * - depthwise: one input channel a group. There is nothing to sum over channels, so a product would be nearly empty.
 * - columns where there are few filters.
 * - winograd4, F(4x4, 3x3), or winograd2, F(2x2, 3x3): 3x3 at stride 1, whichever of them and columns costs least. The larger tile has
 *   fewer products, the smaller one cheaper filter transforms, which count when there are few pixels to share them.
 * - winograd2x5, F(2x2, 5x5): 5x5 at stride 1 where it costs less than columns, forward and to the input.
 * - columns: everything else, im2col a block at a time; 1x1 at stride 1 needs no gathering.
 */
export function algorithm(pass: ConvolutionPass, g: Conv2dGeometry): ConvolutionAlgorithm {
  if (isWholeImage(g)) return 'linear';
  if (isDepthwise(g)) return 'depthwise';
  if (g.inChannels * g.outChannels < LEAST_FILTERS) return 'columns';
  if (winogradFits(g, 3)) return cheapest(costs3(pass, g));
  if (winogradFits(g, 5) && pass !== 'backwardWeight') return cheapest(costs5(pass, g));
  return 'columns';
}

type Costs = Partial<Record<ConvolutionAlgorithm, number>>;

function cheapest(costs: Costs): ConvolutionAlgorithm {
  const sorted = Object.entries(costs).sort(([, a], [, b]) => a - b);
  return sorted[0][0] as ConvolutionAlgorithm;
}

/**
 * Cycles for each pair of an input and an output channel, fitted to `npm run bench -- conv2d`: for a filter, and for each pixel or tile.
 * Eight products go in a cycle, 9 of them a pixel, 16 or 36 a tile; transforms cost a tile 14 or 60 for each channel of either side.
 */
function costs3(pass: ConvolutionPass, g: Conv2dGeometry): Costs {
  const pixel =
    pass === 'backwardWeight' ? 1.35 + 1.3 / g.inChannels + 7.4 / g.outChannels : columnCost(pass, g, 1.2, 5.4);
  return {
    columns: 12 + pixels(pass, g) * pixel,
    winograd2: 14 + tiles(pass, g, 2) * (2.2 + 14 * share(g)),
    winograd4: 40 + tiles(pass, g, 4) * (5.4 + 60 * share(g)),
  };
}

/** The same for 5x5 filters, of 25 products a pixel or 36 a tile. */
function costs5(pass: ConvolutionPass, g: Conv2dGeometry): Costs {
  return {
    columns: 33 + pixels(pass, g) * columnCost(pass, g, 3.4, 12),
    winograd2x5: 60 + tiles(pass, g, 2) * (6.3 + 30 * share(g)),
  };
}

/** A pixel by columns: the products, of which a register tile makes six rows of results at a time, and the gathering, which all rows share. */
function columnCost(pass: ConvolutionPass, g: Conv2dGeometry, products: number, gathering: number): number {
  const rows = pass === 'forward' ? g.outChannels : g.inChannels;
  return (products * 6 * Math.ceil(rows / 6) + gathering) / rows;
}

const eights = (n: number): number => Math.ceil(n / 8) * 8;

/** What a transform of one channel's tile adds to each pair of channels. */
const share = (g: Conv2dGeometry): number => (g.inChannels + g.outChannels) / (g.inChannels * g.outChannels);

function pixels(pass: ConvolutionPass, g: Conv2dGeometry): number {
  return g.batch * eights(pass === 'backwardInput' ? g.inHeight * g.inWidth : g.outHeight * g.outWidth);
}

function tiles(pass: ConvolutionPass, g: Conv2dGeometry, m: number): number {
  const [height, width] = pass === 'backwardInput' ? [g.inHeight, g.inWidth] : [g.outHeight, g.outWidth];
  return eights(g.batch * Math.ceil(height / m) * Math.ceil(width / m));
}
