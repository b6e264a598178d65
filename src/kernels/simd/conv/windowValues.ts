import type { Values } from '../../../wasm/entry.js';
import type { Conv2dGeometry } from '../../geometry.js';
import type { windowParameters } from './window.js';

export function windowValues(g: Conv2dGeometry): Values<typeof windowParameters> {
  return {
    channels: g.inChannels,
    groupChannels: g.inChannels / g.groups,
    height: g.inHeight,
    width: g.inWidth,
    outChannels: g.outChannels,
    groupOut: g.outChannels / g.groups,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    strideHeight: g.strideHeight,
    strideWidth: g.strideWidth,
    padTop: g.padTop,
    padLeft: g.padLeft,
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    groups: g.groups,
  };
}
