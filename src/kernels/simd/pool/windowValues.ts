import type { Values } from '../../../wasm/entry.js';
import type { Conv2dGeometry, Pool2dGeometry } from '../../geometry.js';
import type { slidingParameters, windowParameters } from '../conv/window.js';

export function slidingValues(g: Pool2dGeometry | Conv2dGeometry): Values<typeof slidingParameters> {
  return {
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    strideHeight: g.strideHeight,
    strideWidth: g.strideWidth,
    padTop: g.padTop,
    padLeft: g.padLeft,
  };
}

export function windowValues(g: Conv2dGeometry): Values<typeof windowParameters> {
  return {
    channels: g.inChannels,
    groupChannels: g.inChannels / g.groups,
    height: g.inHeight,
    width: g.inWidth,
    outChannels: g.outChannels,
    groupOut: g.outChannels / g.groups,
    ...slidingValues(g),
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    groups: g.groups,
  };
}
