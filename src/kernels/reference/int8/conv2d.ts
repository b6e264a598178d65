import type { Floats } from '../../../memory/memory.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { toByte } from './requantize.js';

const { fround } = Math;

/** The definition of a convolution of bytes: the sum of a window is whole, and only becoming an output rounds it. */
export function int8Conv2d(
  y: Int8Array,
  x: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  residual: Int8Array | null,
  g: Int8ConvGeometry,
): void {
  for (let p = 0; p < g.outHeight; p++) {
    for (let q = 0; q < g.outWidth; q++) {
      const at = p * g.outWidth + q;
      for (let o = 0; o < g.outChannels; o++) {
        let v = fround(fround(windowSum(x, w, bias, g, p, q, o)) * multiplier[o]);
        if (residual !== null) {
          const r = residual[at * g.residualPixel + o] - g.residualZero;
          v = fround(v + fround(r * fround(g.residualScale)));
        }
        y[at * g.yPixel + o] = toByte(v, g);
      }
    }
  }
}

export function int8Linear(
  y: Floats,
  x: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  g: Int8ConvGeometry,
): void {
  for (let o = 0; o < g.outChannels; o++) y[o] = fround(windowSum(x, w, bias, g, 0, 0, o)) * multiplier[o];
}

/** bias[o] + sum of (x - zero) * w over the window of output (p, q), as an int32. */
function windowSum(
  x: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  g: Int8ConvGeometry,
  p: number,
  q: number,
  o: number,
): number {
  const I = g.inChannels / g.groups;
  const firstChannel = Math.floor(o / (g.outChannels / g.groups)) * I;
  let sum = bias[o];
  for (let r = 0; r < g.kernelHeight; r++) {
    for (let s = 0; s < g.kernelWidth; s++) {
      const h = p * g.strideHeight + r * g.dilationHeight - g.padTop;
      const v = q * g.strideWidth + s * g.dilationWidth - g.padLeft;
      // Outside of the image x - zero is 0.
      if (h < 0 || h >= g.inHeight || v < 0 || v >= g.inWidth) continue;
      for (let i = 0; i < I; i++) {
        const tap = w[((o * I + i) * g.kernelHeight + r) * g.kernelWidth + s];
        sum += (x[(h * g.inWidth + v) * g.xPixel + firstChannel + i] - g.xZero) * tap;
      }
    }
  }
  return sum | 0;
}

/** Nothing is kept: the loops read w as it is. */
export function int8ConvPrepare(): void {}

export function int8ConvKeptLength(): number {
  return 0;
}

export function int8ConvWorkspace(): number {
  return 0;
}
