import type { Floats } from '../../memory.js';
import type { Conv2dGeometry } from '../geometry.js';

/**
 * The definition of a convolution (a cross-correlation, as in every deep-learning library): slide each filter over the
 * image, multiply what lies on top of each other, add up.
 *
 * y[n,o,p,q] = b[o] + sum over i,r,s of x[n, group(o) * I + i, p*stride + r*dilation - padTop, ...] * w[o,i,r,s]
 */
export function conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry): void {
  const I = g.inChannels / g.groups;
  const O = g.outChannels / g.groups;
  for (let n = 0; n < g.batch; n++) {
    for (let o = 0; o < g.outChannels; o++) {
      const firstChannel = Math.floor(o / O) * I;
      for (let p = 0; p < g.outHeight; p++) {
        for (let q = 0; q < g.outWidth; q++) {
          let sum = b === null ? 0 : b[o];
          // (1) one window: every input channel of the group, every tap of the filter
          for (let i = 0; i < I; i++) {
            for (let r = 0; r < g.kernelHeight; r++) {
              for (let s = 0; s < g.kernelWidth; s++) {
                const h = p * g.strideHeight + r * g.dilationHeight - g.padTop;
                const v = q * g.strideWidth + s * g.dilationWidth - g.padLeft;
                // (2) outside the image lie zeros
                if (h < 0 || h >= g.inHeight || v < 0 || v >= g.inWidth) continue;
                sum +=
                  x[((n * g.inChannels + firstChannel + i) * g.inHeight + h) * g.inWidth + v] *
                  w[((o * I + i) * g.kernelHeight + r) * g.kernelWidth + s];
              }
            }
          }
          y[((n * g.outChannels + o) * g.outHeight + p) * g.outWidth + q] = sum;
        }
      }
    }
  }
}
