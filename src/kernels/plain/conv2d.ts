import type { Floats } from '../../memory/memory.js';
import type { FusedActivation } from '../contracts/convolution.js';
import { type Conv2dGeometry, isWholeImage } from '../geometry.js';
import { finish } from '../reference/epilogue.js';
import { addDirect, addDirectScattered, addDirectWeight, directWorkspace } from './convDirect.js';
import {
  addTiles,
  addTilesScattered,
  addTilesWeight,
  tilesScatteredWorkspace,
  tilesWeightWorkspace,
  tilesWorkspace,
} from './convTiles.js';
import { addProduct, productWorkspace } from './product.js';

type Pass = 'forward' | 'backwardInput' | 'backwardWeight';

/**
 * Which algorithm, when and why. The first that applies:
 *
 * 1. product: one window covers the whole image (a 1x1 filter on pooled features, a classifier written as a convolution).
 *    Then x is a matrix [N, taps] already, and the batch fills the tiles that one pixel an image would leave empty.
 * 2. direct: the output has fewer than three channels a group (depthwise above all), so that tiles of four would be half
 *    empty or worse. Loops over the image itself.
 * 3. tiles: everything else. Windows are gathered (im2col) block by block into the workspace and multiplied in 4x4 tiles.
 *    A 1x1 filter with stride 1 is the same: what is gathered are then just the pixels of a plain matrix product.
 *
 * The input gradient is again a convolution where the stride is 1: of dy, with the filters turned by 180 degrees and their
 * channels exchanged. With a larger stride it would multiply mostly zeros, so each window's gradient is computed and
 * scattered instead (col2im).
 */
function algorithm(pass: Pass, g: Conv2dGeometry): 'product' | 'direct' | 'tiles' {
  if (isWholeImage(g)) return 'product';
  const rows = (pass === 'backwardInput' ? g.inChannels : g.outChannels) / g.groups;
  return rows < 3 ? 'direct' : 'tiles';
}

/** y[n,o,p,q] = b[o] + sum over i,r,s of x[n, i, p*stride + r*dilation - padTop, ...] * w[o,i,r,s] */
export function conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry, workspace: Floats): void {
  fillBias(y, b, g);
  const chosen = algorithm('forward', g);
  if (chosen === 'product') {
    const taps = tapsOf(g);
    addProduct(y, 0, x, 0, taps, 1, w, 0, 1, taps, g.batch, g.outChannels, taps, workspace);
  } else if (chosen === 'direct') addDirect(y, x, w, g, workspace);
  else addTiles(y, x, w, g, workspace);
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
  workspace: Floats,
): void {
  conv2d(y, x, w, null, g, workspace);
  finish(y, scale, shift, residual, activation, g);
}

/** dx[n,i,h,w] += sum of dy[n,o,p,q] * w[o,i,r,s] over every (o,p,q,r,s) whose window touches (h,w). */
export function conv2dBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const chosen = algorithm('backwardInput', g);
  if (chosen === 'product') {
    const taps = tapsOf(g);
    addProduct(dx, 0, dy, 0, g.outChannels, 1, w, 0, taps, 1, g.batch, taps, g.outChannels, workspace);
  } else if (strided(g)) {
    if (chosen === 'direct') addDirectScattered(dx, dy, w, g, workspace);
    else addTilesScattered(dx, dy, w, g, workspace);
  } else {
    const rest = workspace.subarray(w.length);
    turnFilters(workspace, w, g);
    if (chosen === 'direct') addDirect(dx, dy, workspace, transposed(g), rest);
    else addTiles(dx, dy, workspace, transposed(g), rest);
  }
}

/** dw[o,i,r,s] += sum over n,p,q of dy[n,o,p,q] * x[n, i, p*stride + r*dilation - padTop, ...] */
export function conv2dBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const chosen = algorithm('backwardWeight', g);
  if (chosen === 'product') {
    const taps = tapsOf(g);
    addProduct(dw, 0, dy, 0, 1, g.outChannels, x, 0, taps, 1, g.outChannels, taps, g.batch, workspace);
  } else if (chosen === 'direct') addDirectWeight(dw, dy, x, g, workspace);
  else addTilesWeight(dw, dy, x, g, workspace);
}

export { conv2dBackwardBias, conv2dKeepFilters, conv2dKeptLength } from '../reference/conv2d.js';

export function conv2dAlgorithm(g: Conv2dGeometry): string {
  return algorithm('forward', g);
}

export function conv2dKeptWorkspace(g: Conv2dGeometry): number {
  return conv2dWorkspace('forward', g);
}

/** Bounded by one image (or, for small images, by as many as have 256 pixels), never by the batch. */
export function conv2dWorkspace(pass: Pass, g: Conv2dGeometry): number {
  const chosen = algorithm(pass, g);
  const taps = tapsOf(g);
  if (chosen === 'product') {
    if (pass === 'forward') return productWorkspace(g.batch, g.outChannels, taps);
    if (pass === 'backwardInput') return productWorkspace(g.batch, taps, g.outChannels);
    return productWorkspace(g.outChannels, taps, g.batch);
  }
  const direct = chosen === 'direct';
  if (pass === 'forward') return direct ? directWorkspace(g) : tilesWorkspace(g);
  if (pass === 'backwardWeight') return direct ? directWorkspace(g) : tilesWeightWorkspace(g);
  if (strided(g)) return direct ? directWorkspace(g) : tilesScatteredWorkspace(g);
  const t = transposed(g);
  return g.outChannels * taps + (direct ? directWorkspace(t) : tilesWorkspace(t));
}

function strided(g: Conv2dGeometry): boolean {
  return g.strideHeight !== 1 || g.strideWidth !== 1;
}

/** Numbers in one filter. */
function tapsOf(g: Conv2dGeometry): number {
  return (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
}

/** Every output begins as its channel's bias: the algorithms then only add. */
function fillBias(y: Floats, b: Floats | null, g: Conv2dGeometry): void {
  if (b === null) {
    y.fill(0);
    return;
  }
  const pixels = g.outHeight * g.outWidth;
  for (let i = 0; i < g.batch * g.outChannels; i++) y.fill(b[i % g.outChannels], i * pixels, (i + 1) * pixels);
}

/** The convolution of dy that gives dx, at stride 1. Its padding may be negative, which cuts dy. */
function transposed(g: Conv2dGeometry): Conv2dGeometry {
  return {
    batch: g.batch,
    inChannels: g.outChannels,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    outChannels: g.inChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    strideHeight: 1,
    strideWidth: 1,
    padTop: g.dilationHeight * (g.kernelHeight - 1) - g.padTop,
    padLeft: g.dilationWidth * (g.kernelWidth - 1) - g.padLeft,
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    groups: g.groups,
  };
}

/** to[group, i, o, R-1-r, S-1-s] = w[group, o, i, r, s] */
function turnFilters(to: Floats, w: Floats, g: Conv2dGeometry): void {
  const { groups } = g;
  const I = g.inChannels / groups;
  const O = g.outChannels / groups;
  const area = g.kernelHeight * g.kernelWidth;
  for (let group = 0; group < groups; group++) {
    for (let o = 0; o < O; o++) {
      for (let i = 0; i < I; i++) {
        const from = ((group * O + o) * I + i) * area;
        const last = ((group * I + i) * O + o) * area + area - 1;
        for (let tap = 0; tap < area; tap++) to[last - tap] = w[from + tap];
      }
    }
  }
}
