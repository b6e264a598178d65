import type { Conv2dGeometry } from '../../geometry.js';

export type ConvolutionPass = 'forward' | 'backwardInput' | 'backwardWeight';
export type ConvolutionAlgorithm = 'linear' | 'depthwise' | 'winograd4' | 'winograd2' | 'winograd2x5' | 'columns';

/** What each algorithm that fits would cost. */
export type Costs = Partial<Record<ConvolutionAlgorithm, number>>;

export function cheapest(costs: Costs): ConvolutionAlgorithm {
  const sorted = Object.entries(costs).sort(([, a], [, b]) => a - b);
  return sorted[0][0] as ConvolutionAlgorithm;
}

/**
 * Cycles for each pair of an input and an output channel, fitted to `npm run bench -- conv2d`: for a filter, and for each pixel or tile.
 * Eight products go in a cycle, 9 of them a pixel, 16 or 36 a tile; transforms cost a tile 14 or 60 for each channel of either side.
 */
export function costs3(pass: ConvolutionPass, g: Conv2dGeometry): Costs {
  const pixel =
    pass === 'backwardWeight' ? 1.35 + 1.3 / g.inChannels + 7.4 / g.outChannels : columnCost(pass, g, 1.2, 5.4);
  return {
    columns: 12 + pixels(pass, g) * pixel,
    winograd2: 14 + tiles(pass, g, 2) * (2.2 + 14 * share(g)),
    winograd4: 40 + tiles(pass, g, 4) * (5.4 + 60 * share(g)),
  };
}

/** The same for 5x5 filters, of 25 products a pixel or 36 a tile. */
export function costs5(pass: ConvolutionPass, g: Conv2dGeometry): Costs {
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
