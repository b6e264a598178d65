import type { Floats } from '../../memory/memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import {
  addUnpadded,
  coveredHeight,
  coveredWidth,
  fitsUnpadded,
  gatherPixels,
  gatherTaps,
  padImages,
  tapAt,
} from './columns.js';
import { addPanels, addTile, blockColumns, packPanels, TILE, wholeTiles } from './gemm.js';

/*
 * Convolution as a matrix product: a window laid out as a column, a filter as a row. Of the matrix of all windows
 * (im2col) only a block exists at a time.
 */

/** Pixels that one tile of the weight gradient sums over at the least: small images go several at a time. */
const LEAST_PIXELS = 256;

/** y += w * x: y[o, pixel] += sum over taps of w[o, tap] * window[tap, pixel] */
export function addTiles(y: Floats, x: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, outChannels, inChannels } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const taps = I * g.kernelHeight * g.kernelWidth;
  const pixels = g.outHeight * g.outWidth;
  const unpadded = fitsUnpadded(g);
  const width = unpadded ? g.inWidth : coveredWidth(g);
  const plane = unpadded ? g.inHeight * g.inWidth : coveredHeight(g) * width;
  const filters = wholeTiles(O) * taps;
  const imageAt = groups * filters;
  const columnsAt = imageAt + (unpadded ? 0 : I * plane);
  const block = blockColumns(pixels, taps, TILE);
  for (let group = 0; group < groups; group++) {
    packPanels(workspace, group * filters, w, group * O * taps, taps, 1, O, taps);
  }
  for (let n = 0; n < batch; n++) {
    for (let group = 0; group < groups; group++) {
      const image = (n * inChannels + group * I) * g.inHeight * g.inWidth;
      if (!unpadded) padImages(workspace, imageAt, x, image, I, g);
      for (let first = 0; first < pixels; first += block) {
        const count = Math.min(block, pixels - first);
        // (2) the windows, zeros included
        if (unpadded) gatherPixels(workspace, columnsAt, x, image, plane, width, I, first, count, g);
        else gatherPixels(workspace, columnsAt, workspace, imageAt, plane, width, I, first, count, g);
        // (1) every filter on every window
        const at = (n * outChannels + group * O) * pixels + first;
        addPanels(y, at, pixels, O, count, workspace, group * filters, workspace, columnsAt, taps);
      }
    }
  }
}

export function tilesWorkspace(g: Conv2dGeometry): number {
  const I = g.inChannels / g.groups;
  const taps = I * g.kernelHeight * g.kernelWidth;
  const filters = g.groups * wholeTiles(g.outChannels / g.groups) * taps;
  const image = fitsUnpadded(g) ? 0 : I * coveredHeight(g) * coveredWidth(g);
  return filters + image + blockColumns(g.outHeight * g.outWidth, taps, TILE) * taps;
}

/** dw[o, tap] += sum over pixels of dy[o, pixel] * window[tap, pixel] */
export function addTilesWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, outChannels, inChannels } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const taps = I * g.kernelHeight * g.kernelWidth;
  const pixels = g.outHeight * g.outWidth;
  const unpadded = fitsUnpadded(g);
  const width = unpadded ? g.inWidth : coveredWidth(g);
  const plane = unpadded ? g.inHeight * g.inWidth : coveredHeight(g) * width;
  const together = imagesTogether(g);
  const panel = TILE * together * pixels;
  const columnsAt = wholeTiles(O) * together * pixels;
  const imageAt = columnsAt + panel;
  for (let n = 0; n < batch; n += together) {
    const images = Math.min(together, batch - n);
    const depth = images * pixels;
    for (let group = 0; group < groups; group++) {
      packGradients(workspace, dy, n, images, group * O, O, pixels, outChannels);
      for (let m = 0; m < images && !unpadded; m++) {
        const image = ((n + m) * inChannels + group * I) * g.inHeight * g.inWidth;
        padImages(workspace, imageAt + m * I * plane, x, image, I, g);
      }
      for (let tap = 0; tap < taps; tap += TILE) {
        // (2) what four taps see, zeros included
        for (let m = 0; m < images; m++) {
          const to = columnsAt + m * TILE * pixels;
          const image = ((n + m) * inChannels + group * I) * plane;
          if (unpadded) gatherTaps(workspace, to, x, image, plane, width, tap, taps, g);
          else gatherTaps(workspace, to, workspace, imageAt + m * I * plane, plane, width, tap, taps, g);
        }
        // (1) four taps, every window
        const columns = Math.min(TILE, taps - tap);
        for (let o = 0; o < O; o += TILE) {
          const at = (group * O + o) * taps + tap;
          const rows = Math.min(TILE, O - o);
          addTile(dw, at, taps, rows, columns, workspace, o * depth, workspace, columnsAt, depth);
        }
      }
    }
  }
}

export function tilesWeightWorkspace(g: Conv2dGeometry): number {
  const image = fitsUnpadded(g) ? 0 : (g.inChannels / g.groups) * coveredHeight(g) * coveredWidth(g);
  const pixels = g.outHeight * g.outWidth;
  return imagesTogether(g) * ((wholeTiles(g.outChannels / g.groups) + TILE) * pixels + image);
}

function imagesTogether(g: Conv2dGeometry): number {
  return Math.max(1, Math.min(g.batch, Math.ceil(LEAST_PIXELS / (g.outHeight * g.outWidth))));
}

/** dy of `images` images in panels of four channels: to[panel, image, pixel, channel]. */
function packGradients(
  to: Floats,
  dy: Floats,
  n: number,
  images: number,
  firstChannel: number,
  O: number,
  pixels: number,
  outChannels: number,
): void {
  for (let o = 0; o < O; o += TILE) {
    for (let m = 0; m < images; m++) {
      const at = ((n + m) * outChannels + firstChannel + o) * pixels;
      packPanels(to, (o * images + m * TILE) * pixels, dy, at, pixels, 1, Math.min(TILE, O - o), pixels);
    }
  }
}

/**
 * dx += w^T * dy with a stride: the windows' gradients, four taps at a time, scattered into a padded dx (col2im).
 *
 * window[tap, pixel] = sum over o of w[o, tap] * dy[o, pixel]
 */
export function addTilesScattered(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { batch, groups, outChannels, inChannels, outHeight, outWidth, strideHeight, strideWidth } = g;
  const I = inChannels / groups;
  const O = outChannels / groups;
  const taps = I * g.kernelHeight * g.kernelWidth;
  const pixels = outHeight * outWidth;
  const width = coveredWidth(g);
  const plane = coveredHeight(g) * width;
  const filters = wholeTiles(taps) * O;
  const gradientsAt = groups * filters;
  const rowsAt = gradientsAt + wholeTiles(pixels) * O;
  const imageAt = rowsAt + TILE * pixels;
  for (let group = 0; group < groups; group++) {
    packPanels(workspace, group * filters, w, group * O * taps, 1, taps, taps, O);
  }
  for (let n = 0; n < batch; n++) {
    for (let group = 0; group < groups; group++) {
      const at = (n * outChannels + group * O) * pixels;
      packPanels(workspace, gradientsAt, dy, at, 1, pixels, pixels, O);
      workspace.fill(0, imageAt, imageAt + I * plane);
      for (let tap = 0; tap < taps; tap += TILE) {
        const rows = Math.min(TILE, taps - tap);
        // (1) four taps of every window
        workspace.fill(0, rowsAt, imageAt);
        const filter = group * filters + tap * O;
        addPanels(workspace, rowsAt, pixels, rows, pixels, workspace, filter, workspace, gradientsAt, O);
        for (let row = 0; row < rows; row++) {
          const down = g.dilationHeight * width;
          const seen = tapAt(tap + row, g.kernelHeight, g.kernelWidth, plane, down, g.dilationWidth);
          let from = rowsAt + row * pixels;
          for (let p = 0; p < outHeight; p++) {
            let to = imageAt + seen + p * strideHeight * width;
            for (let q = 0; q < outWidth; q++) {
              workspace[to] += workspace[from++];
              to += strideWidth;
            }
          }
        }
      }
      // (2) the border has no gradient
      addUnpadded(dx, (n * inChannels + group * I) * g.inHeight * g.inWidth, workspace, imageAt, I, g);
    }
  }
}

export function tilesScatteredWorkspace(g: Conv2dGeometry): number {
  const I = g.inChannels / g.groups;
  const O = g.outChannels / g.groups;
  const pixels = g.outHeight * g.outWidth;
  const filters = g.groups * wholeTiles(I * g.kernelHeight * g.kernelWidth) * O;
  const image = I * coveredHeight(g) * coveredWidth(g);
  return filters + wholeTiles(pixels) * O + TILE * pixels + image;
}
