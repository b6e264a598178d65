import type { Floats } from '../../memory/memory.js';
import type { FusedActivation } from '../contracts/convolution.js';
import type { Conv2dGeometry } from '../geometry.js';
import { finish } from './epilogue.js';

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

/** y = activation(scale[o] * conv2d(x, w) + shift[o] + residual): the convolution, then one pass in place. */
export function conv2dFused(
  y: Floats,
  x: Floats,
  w: Floats,
  scale: Floats | null,
  shift: Floats | null,
  residual: Floats | null,
  activation: FusedActivation,
  g: Conv2dGeometry,
): void {
  conv2d(y, x, w, null, g);
  finish(y, scale, shift, residual, activation, g);
}

/** Nothing is kept: the loops read w as it is. */
export function conv2dKeepFilters(): void {}

export function conv2dAlgorithm(): string {
  return 'loops';
}

export function conv2dKeptLength(): number {
  return 0;
}

export function conv2dKeptWorkspace(): number {
  return 0;
}

/**
 * The transpose of `conv2d` in x: every dy goes back, times the tap that it met, to the pixel that it came from.
 *
 * dx[n, group(o) * I + i, p*stride + r*dilation - padTop, ...] += dy[n,o,p,q] * w[o,i,r,s]
 */
export function conv2dBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry): void {
  const I = g.inChannels / g.groups;
  const O = g.outChannels / g.groups;
  for (let n = 0; n < g.batch; n++) {
    for (let o = 0; o < g.outChannels; o++) {
      const firstChannel = Math.floor(o / O) * I;
      for (let p = 0; p < g.outHeight; p++) {
        for (let q = 0; q < g.outWidth; q++) {
          const d = dy[((n * g.outChannels + o) * g.outHeight + p) * g.outWidth + q];
          // (1) one window: every input channel of the group, every tap of the filter
          for (let i = 0; i < I; i++) {
            for (let r = 0; r < g.kernelHeight; r++) {
              for (let s = 0; s < g.kernelWidth; s++) {
                const h = p * g.strideHeight + r * g.dilationHeight - g.padTop;
                const v = q * g.strideWidth + s * g.dilationWidth - g.padLeft;
                // (2) outside the image lie zeros, which have no gradient
                if (h < 0 || h >= g.inHeight || v < 0 || v >= g.inWidth) continue;
                dx[((n * g.inChannels + firstChannel + i) * g.inHeight + h) * g.inWidth + v] +=
                  d * w[((o * I + i) * g.kernelHeight + r) * g.kernelWidth + s];
              }
            }
          }
        }
      }
    }
  }
}

/**
 * The transpose of `conv2d` in w: a tap's gradient is the sum of everything that it multiplied, weighed by dy.
 *
 * dw[o,i,r,s] += sum over n,p,q of dy[n,o,p,q] * x[n, group(o) * I + i, p*stride + r*dilation - padTop, ...]
 */
export function conv2dBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry): void {
  const I = g.inChannels / g.groups;
  const O = g.outChannels / g.groups;
  for (let o = 0; o < g.outChannels; o++) {
    const firstChannel = Math.floor(o / O) * I;
    for (let i = 0; i < I; i++) {
      for (let r = 0; r < g.kernelHeight; r++) {
        for (let s = 0; s < g.kernelWidth; s++) {
          let sum = 0;
          // (1) one tap: every window of every image
          for (let n = 0; n < g.batch; n++) {
            for (let p = 0; p < g.outHeight; p++) {
              for (let q = 0; q < g.outWidth; q++) {
                const h = p * g.strideHeight + r * g.dilationHeight - g.padTop;
                const v = q * g.strideWidth + s * g.dilationWidth - g.padLeft;
                // (2) outside the image lie zeros
                if (h < 0 || h >= g.inHeight || v < 0 || v >= g.inWidth) continue;
                sum +=
                  dy[((n * g.outChannels + o) * g.outHeight + p) * g.outWidth + q] *
                  x[((n * g.inChannels + firstChannel + i) * g.inHeight + h) * g.inWidth + v];
              }
            }
          }
          dw[((o * I + i) * g.kernelHeight + r) * g.kernelWidth + s] += sum;
        }
      }
    }
  }
}

/** db[o] += sum over n,p,q of dy[n,o,p,q] */
export function conv2dBackwardBias(db: Floats, dy: Floats, g: Conv2dGeometry): void {
  const size = g.outHeight * g.outWidth;
  for (let o = 0; o < g.outChannels; o++) {
    let sum = 0;
    for (let n = 0; n < g.batch; n++) {
      const first = (n * g.outChannels + o) * size;
      for (let i = first; i < first + size; i++) sum += dy[i];
    }
    db[o] += sum;
  }
}

/** The textbook loops need no scratch space. */
export function conv2dWorkspace(): number {
  return 0;
}
