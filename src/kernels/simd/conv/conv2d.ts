import type { Floats } from '../../../memory/memory.js';
import type { FusedActivation } from '../../contracts/convolution.js';
import { type Conv2dGeometry, isWholeImage } from '../../geometry.js';
import { sigmoid } from '../elementwise/sigmoid.js';
import { silu } from '../elementwise/silu.js';
import { linearBackwardInput, linearBackwardWeight, linearWorkspace } from '../gemm/linear.js';
import { linearFused } from '../gemm/linearFused.js';
import {
  columnsFilterBytes,
  columnsFilters,
  columnsForward,
  columnsForwardWorkspace,
  columnsFromFilters,
} from './columns.js';
import { columnsBackwardInput, columnsInputWorkspace } from './columnsInput.js';
import { bias } from './columnsProgram.js';
import { columnsBackwardWeight, columnsWeightWorkspace } from './columnsWeights.js';
import { type ConvolutionAlgorithm, type ConvolutionPass, cheapest, costs3, costs5 } from './costs.js';
import {
  depthwiseBackwardInput,
  depthwiseBackwardWeight,
  depthwiseForward,
  depthwiseWorkspace,
  isDepthwise,
} from './depthwise.js';
import { epilogueValues, isSeparate } from './epilogue.js';
import {
  winogradBackwardInput,
  winogradFilterBytes,
  winogradFilters,
  winogradFits,
  winogradForward,
  winogradFromFilters,
  winogradWorkspace,
} from './winograd.js';
import { F2, F2x5, F4, type GradientScheme, type Scheme } from './winogradScheme.js';
import { winogradBackwardWeight } from './winogradWeights.js';

/** With fewer filters there is little to gain, and what is computed by hand, such as an edge filter on whole numbers, should come out exact. */
const LEAST_FILTERS = 32;

/**
 * Which algorithm computes a convolution, the first that fits:
 *
 * - linear: the window covers the whole image and there is one output pixel. It is a matrix product, w [O, C R S].
 * - depthwise: one input channel a group. There is nothing to sum over channels, so a product would be nearly empty.
 * - columns where there are few filters.
 * - winograd4, F(4x4, 3x3), or winograd2, F(2x2, 3x3): 3x3 at stride 1, whichever of them and columns costs least. The larger tile has
 *   fewer products, the smaller one cheaper filter transforms, which count when there are few pixels to share them.
 * - winograd2x5, F(2x2, 5x5): 5x5 at stride 1 where it costs less than columns, forward and to the input.
 * - columns: everything else, im2col a block at a time; 1x1 at stride 1 needs no gathering.
 */
export function algorithm(pass: ConvolutionPass, g: Conv2dGeometry): ConvolutionAlgorithm {
  if (isWholeImage(g)) return 'linear';
  if (isDepthwise(g)) return 'depthwise';
  if (g.inChannels * g.outChannels < LEAST_FILTERS) return 'columns';
  if (winogradFits(g, 3)) return cheapest(costs3(pass, g));
  if (winogradFits(g, 5) && pass !== 'backwardWeight') return cheapest(costs5(pass, g));
  return 'columns';
}

const GRADIENT_SCHEMES: Partial<Record<ConvolutionAlgorithm, GradientScheme>> = { winograd4: F4, winograd2: F2 };
const SCHEMES: Partial<Record<ConvolutionAlgorithm, Scheme>> = { ...GRADIENT_SCHEMES, winograd2x5: F2x5 };

function asLinear(g: Conv2dGeometry): { batch: number; inFeatures: number; outFeatures: number } {
  return { batch: g.batch, inFeatures: g.inChannels * g.kernelHeight * g.kernelWidth, outFeatures: g.outChannels };
}

export function conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry, workspace: Floats): void {
  conv2dFused(y, x, w, null, b, null, 'none', g, workspace, null);
}

/** What the loops leave to a pass of its own. */
const separately = { silu, sigmoid };

/** The epilogue is part of each algorithm's last loop. */
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
  kept: Floats | null,
): void {
  const name = algorithm('forward', g);
  const scheme = SCHEMES[name];
  const finish = epilogueValues(y, scale, shift, residual, activation);
  if (name === 'linear') linearFused(y, x, w, finish, asLinear(g));
  else if (name === 'depthwise') depthwiseForward(y, x, w, finish, g, workspace);
  else if (kept !== null) {
    const filters = kept.byteOffset;
    const scratch = workspace.byteOffset;
    if (scheme !== undefined) winogradFromFilters(y, x, filters, finish, g, scratch, scheme);
    else columnsFromFilters(y, x, filters, finish, g, scratch);
  } else if (scheme !== undefined) winogradForward(y, x, w, finish, g, workspace, scheme);
  else columnsForward(y, x, w, finish, g, workspace);
  if (isSeparate(activation)) separately[activation](y, y);
}

export function conv2dKeepFilters(kept: Floats, w: Floats, g: Conv2dGeometry): void {
  const scheme = SCHEMES[algorithm('forward', g)];
  const filters = kept.byteOffset;
  if (scheme !== undefined) winogradFilters(filters, w, g, scheme);
  else columnsFilters(filters, w, g);
}

export function conv2dKeptLength(g: Conv2dGeometry): number {
  const name = algorithm('forward', g);
  if (name === 'linear' || name === 'depthwise') return 0;
  const scheme = SCHEMES[name];
  const bytes = scheme === undefined ? columnsFilterBytes(g) : winogradFilterBytes(g, scheme);
  return bytes / 4;
}

export function conv2dBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const name = algorithm('backwardInput', g);
  const scheme = SCHEMES[name];
  if (name === 'linear') linearBackwardInput(dx, dy, w, asLinear(g), workspace);
  else if (name === 'depthwise') depthwiseBackwardInput(dx, dy, w, g, workspace);
  else if (scheme !== undefined) winogradBackwardInput(dx, dy, w, g, workspace, scheme);
  else columnsBackwardInput(dx, dy, w, g, workspace);
}

export function conv2dBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const name = algorithm('backwardWeight', g);
  const scheme = GRADIENT_SCHEMES[name];
  if (name === 'linear') linearBackwardWeight(dw, dy, x, asLinear(g), workspace);
  else if (name === 'depthwise') depthwiseBackwardWeight(dw, dy, x, g, workspace);
  else if (scheme !== undefined) winogradBackwardWeight(dw, dy, x, g, workspace, scheme);
  else columnsBackwardWeight(dw, dy, x, g, workspace);
}

export function conv2dBackwardBias(db: Floats, dy: Floats, g: Conv2dGeometry): void {
  const pixels = g.outHeight * g.outWidth;
  const grain = Math.max(1, Math.ceil(32768 / Math.max(1, g.batch * pixels)));
  const values = { db: db.byteOffset, dy: dy.byteOffset, batch: g.batch, channels: g.outChannels, pixels };
  bias.run(values, g.outChannels, grain);
}

export function conv2dAlgorithm(g: Conv2dGeometry): string {
  return algorithm('forward', g);
}

export function conv2dKeptWorkspace(g: Conv2dGeometry): number {
  return conv2dWorkspace('forward', g) - conv2dKeptLength(g);
}

export function conv2dWorkspace(pass: ConvolutionPass, g: Conv2dGeometry): number {
  const name = algorithm(pass, g);
  const scheme = SCHEMES[name];
  if (name === 'linear') return linearWorkspace(pass, asLinear(g));
  if (name === 'depthwise') return depthwiseWorkspace(pass, g);
  if (scheme !== undefined) return winogradWorkspace(pass, g, scheme);
  if (pass === 'forward') return columnsForwardWorkspace(g);
  return pass === 'backwardInput' ? columnsInputWorkspace(g) : columnsWeightWorkspace(g);
}
