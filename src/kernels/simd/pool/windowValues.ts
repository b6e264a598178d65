import type { Conv2dGeometry, Pool2dGeometry } from '../../geometry.js';

// The values of the parameters in window.ts, in their order.

/** Of `slidingParameters`. */
export function slidingValues(g: Pool2dGeometry | Conv2dGeometry): number[] {
  return [g.outHeight, g.outWidth, g.kernelHeight, g.kernelWidth, g.strideHeight, g.strideWidth, g.padTop, g.padLeft];
}

/** Of `windowParameters`. */
export function windowValues(g: Conv2dGeometry): number[] {
  return [
    g.inChannels,
    g.inChannels / g.groups,
    g.inHeight,
    g.inWidth,
    g.outChannels,
    g.outChannels / g.groups,
    ...slidingValues(g),
    g.dilationHeight,
    g.dilationWidth,
    g.groups,
  ];
}
