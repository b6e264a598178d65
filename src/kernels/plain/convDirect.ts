import type { Floats } from '../../memory/memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import { addUnpadded, coveredHeight, coveredWidth, padImages } from './columns.js';

/*
 * Groups of one or two channels fill no tile: their loops run over the image itself, four neighboring pixels at a time,
 * on a padded copy that frees them of every test for the border.
 */

/** y += w * x, four output pixels of a row at a time. */
export function addDirect(y: Floats, x: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, inChannels, outChannels, kernelHeight, kernelWidth, outHeight, outWidth } = g;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const width = coveredWidth(g);
  const plane = coveredHeight(g) * width;
  const down = dilationHeight * width;
  const adjacent = threeAdjacentTaps(g);
  for (let image = 0; image < batch * groups; image++) {
    padImages(workspace, 0, x, image * I * g.inHeight * g.inWidth, I, g);
    for (let o = 0; o < O; o++) {
      const filter = ((image % groups) * O + o) * I * kernelHeight * kernelWidth;
      let to = (image * O + o) * outHeight * outWidth;
      for (let p = 0; p < outHeight; p++) {
        for (let q = 0; q < outWidth; q += 4) {
          // The last pixels of a row are computed again rather than past its end.
          const left = Math.min(4, outWidth - q);
          const f0 = p * strideHeight * width + q * strideWidth;
          const f1 = left > 1 ? f0 + strideWidth : f0;
          const f2 = left > 2 ? f1 + strideWidth : f0;
          const f3 = left > 3 ? f2 + strideWidth : f0;
          let s0 = 0;
          let s1 = 0;
          let s2 = 0;
          let s3 = 0;
          let k = filter;
          // (1) four windows: every input channel of the group, every tap of the filter
          for (let i = 0; i < I; i++) {
            for (let r = 0; r < kernelHeight; r++) {
              let tap = i * plane + r * down;
              if (adjacent && left === 4) {
                const f = f0 + tap;
                const x1 = workspace[f + 1];
                const x2 = workspace[f + 2];
                const x3 = workspace[f + 3];
                const x4 = workspace[f + 4];
                const w0 = w[k];
                const w1 = w[k + 1];
                const w2 = w[k + 2];
                s0 += w0 * workspace[f] + w1 * x1 + w2 * x2;
                s1 += w0 * x1 + w1 * x2 + w2 * x3;
                s2 += w0 * x2 + w1 * x3 + w2 * x4;
                s3 += w0 * x3 + w1 * x4 + w2 * workspace[f + 5];
                k += 3;
                continue;
              }
              for (let s = 0; s < kernelWidth; s++) {
                const v = w[k++];
                s0 += v * workspace[f0 + tap];
                s1 += v * workspace[f1 + tap];
                s2 += v * workspace[f2 + tap];
                s3 += v * workspace[f3 + tap];
                tap += dilationWidth;
              }
            }
          }
          y[to] += s0;
          if (left > 1) y[to + 1] += s1;
          if (left > 2) y[to + 2] += s2;
          if (left > 3) y[to + 3] += s3;
          to += left;
        }
      }
    }
  }
}

/** dx += w^T * dy with a stride: each tap adds its share to the pixels that it saw, a row at a time. */
export function addDirectScattered(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, inChannels, outChannels, kernelHeight, kernelWidth, outHeight, outWidth } = g;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const width = coveredWidth(g);
  const plane = coveredHeight(g) * width;
  for (let image = 0; image < batch * groups; image++) {
    workspace.fill(0, 0, I * plane);
    for (let o = 0; o < O; o++) {
      let k = ((image % groups) * O + o) * I * kernelHeight * kernelWidth;
      for (let i = 0; i < I; i++) {
        for (let r = 0; r < kernelHeight; r++) {
          for (let s = 0; s < kernelWidth; s++) {
            const v = w[k++];
            let from = (image * O + o) * outHeight * outWidth;
            for (let p = 0; p < outHeight; p++) {
              let to = i * plane + (p * strideHeight + r * dilationHeight) * width + s * dilationWidth;
              for (let q = 0; q < outWidth; q++) {
                workspace[to] += v * dy[from++];
                to += strideWidth;
              }
            }
          }
        }
      }
    }
    // (2) the border has no gradient
    addUnpadded(dx, image * I * g.inHeight * g.inWidth, workspace, 0, I, g);
  }
}

/** dw[o,i,r,s] += sum over pixels of dy * x, in several sums at once, since one would wait for each of its additions. */
export function addDirectWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, inChannels, outChannels, kernelHeight, kernelWidth, outHeight, outWidth } = g;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const width = coveredWidth(g);
  const plane = coveredHeight(g) * width;
  const adjacent = threeAdjacentTaps(g);
  for (let image = 0; image < batch * groups; image++) {
    padImages(workspace, 0, x, image * I * g.inHeight * g.inWidth, I, g);
    for (let o = 0; o < O; o++) {
      let k = ((image % groups) * O + o) * I * kernelHeight * kernelWidth;
      for (let i = 0; i < I; i++) {
        for (let r = 0; r < kernelHeight; r++) {
          if (adjacent) {
            const first = i * plane + r * dilationHeight * width;
            addThreeTaps(dw, k, dy, (image * O + o) * outHeight * outWidth, workspace, first, strideHeight * width, g);
            k += 3;
            continue;
          }
          for (let s = 0; s < kernelWidth; s++) {
            // (1) one tap: every window of this image
            let s0 = 0;
            let s1 = 0;
            let s2 = 0;
            let s3 = 0;
            let d = (image * O + o) * outHeight * outWidth;
            for (let p = 0; p < outHeight; p++) {
              let f = i * plane + (p * strideHeight + r * dilationHeight) * width + s * dilationWidth;
              const end = d + outWidth;
              for (; d + 3 < end; d += 4) {
                s0 += dy[d] * workspace[f];
                s1 += dy[d + 1] * workspace[f + strideWidth];
                s2 += dy[d + 2] * workspace[f + 2 * strideWidth];
                s3 += dy[d + 3] * workspace[f + 3 * strideWidth];
                f += 4 * strideWidth;
              }
              for (; d < end; d++) {
                s0 += dy[d] * workspace[f];
                f += strideWidth;
              }
            }
            dw[k++] += s0 + s1 + (s2 + s3);
          }
        }
      }
    }
  }
}

/** Three neighboring taps of a row in one walk over the pixels: each pixel of x is loaded once and meets all three. */
function addThreeTaps(
  dw: Floats,
  tap: number,
  dy: Floats,
  dyAt: number,
  x: Floats,
  at: number,
  down: number,
  g: Conv2dGeometry,
): void {
  const { outHeight, outWidth } = g;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let d = dyAt;
  for (let p = 0; p < outHeight; p++) {
    let f = at + p * down;
    let x0 = x[f];
    let x1 = x[f + 1];
    f += 2;
    for (const end = d + outWidth; d < end; d++) {
      const x2 = x[f++];
      const v = dy[d];
      s0 += v * x0;
      s1 += v * x1;
      s2 += v * x2;
      x0 = x1;
      x1 = x2;
    }
  }
  dw[tap] += s0;
  dw[tap + 1] += s1;
  dw[tap + 2] += s2;
}

/** Filters three wide whose windows overlap: what depthwise layers mostly are. Neighboring windows then share their pixels. */
function threeAdjacentTaps(g: Conv2dGeometry): boolean {
  return g.kernelWidth === 3 && g.strideWidth === 1 && g.dilationWidth === 1;
}

/** Floats of workspace for each of the three: the padded channels of one group. */
export function directWorkspace(g: Conv2dGeometry): number {
  return (g.inChannels / g.groups) * coveredHeight(g) * coveredWidth(g);
}
