import type { Floats } from '../../../memory/memory.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { toByte } from '../../reference/int8/requantize.js';

const { fround } = Math;

/** The same sums as the reference; the innermost loop runs over the channels of a pixel, which are contiguous. */
export function int8Conv2d(
  y: Int8Array,
  x: Int8Array,
  _w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  residual: Int8Array | null,
  g: Int8ConvGeometry,
  _workspace: Int8Array,
  kept: Int8Array | null,
): void {
  const { outWidth, yPixel, outChannels, residualPixel, residualZero } = g;
  const residualScale = fround(g.residualScale);
  const filters = kept as Int8Array;
  for (let at = 0; at < g.outHeight * outWidth; at++) {
    const p = Math.floor(at / outWidth);
    const q = at - p * outWidth;
    for (let o = 0; o < outChannels; o++) {
      let v = fround(fround(windowSum(x, filters, bias[o], g, p, q, o)) * multiplier[o]);
      if (residual !== null) v = fround(v + fround((residual[at * residualPixel + o] - residualZero) * residualScale));
      y[at * yPixel + o] = toByte(v, g);
    }
  }
}

export function int8Linear(
  y: Floats,
  x: Int8Array,
  _w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  g: Int8ConvGeometry,
  kept: Int8Array | null,
): void {
  const filters = kept as Int8Array;
  for (let o = 0; o < g.outChannels; o++) {
    y[o] = fround(windowSum(x, filters, bias[o], g, 0, 0, o)) * multiplier[o];
  }
}

function windowSum(
  x: Int8Array,
  filters: Int8Array,
  bias: number,
  g: Int8ConvGeometry,
  p: number,
  q: number,
  o: number,
): number {
  const I = g.inChannels / g.groups;
  const firstChannel = Math.floor(o / (g.outChannels / g.groups)) * I;
  const { xZero, xPixel, inWidth, inHeight, kernelHeight, kernelWidth, dilationWidth } = g;
  const left = q * g.strideWidth - g.padLeft;
  let sum = bias;
  for (let r = 0; r < kernelHeight; r++) {
    const h = p * g.strideHeight + r * g.dilationHeight - g.padTop;
    if (h < 0 || h >= inHeight) continue;
    for (let s = 0; s < kernelWidth; s++) {
      const v = left + s * dilationWidth;
      if (v < 0 || v >= inWidth) continue;
      const from = (h * inWidth + v) * xPixel + firstChannel;
      const taps = ((o * kernelHeight + r) * kernelWidth + s) * I;
      for (let i = 0; i < I; i++) sum += (x[from + i] - xZero) * filters[taps + i];
    }
  }
  return sum | 0;
}

/** Filters as [O, R, S, C/groups]. */
export function int8ConvPrepare(
  kept: Int8Array,
  w: Int8Array,
  _bias: Int32Array,
  _multiplier: Floats,
  g: Int8ConvGeometry,
): void {
  const I = g.inChannels / g.groups;
  const taps = g.kernelHeight * g.kernelWidth;
  for (let o = 0; o < g.outChannels; o++) {
    for (let i = 0; i < I; i++) {
      for (let t = 0; t < taps; t++) kept[(o * taps + t) * I + i] = w[(o * I + i) * taps + t];
    }
  }
}

export function int8ConvKeptLength(g: Int8ConvGeometry): number {
  return (g.outChannels * g.inChannels * g.kernelHeight * g.kernelWidth) / g.groups;
}

export function int8ConvWorkspace(): number {
  return 0;
}
