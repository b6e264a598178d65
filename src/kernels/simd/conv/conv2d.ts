import type { Floats } from '../../../memory/memory.js';
import type { FusedActivation } from '../../contracts/convolution.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { linearBackwardInput, linearBackwardWeight, linearWorkspace } from '../gemm/linear.js';
import { linearFused } from '../gemm/linearFused.js';
import { algorithm, type ConvolutionAlgorithm, type ConvolutionPass } from './algorithm.js';
import { bias } from './columnsProgram.js';
import { columnsBackwardWeight } from './columnsWeights.js';
import {
  columnsBackwardInput,
  columnsFilterBytes,
  columnsFilters,
  columnsForward,
  columnsFromFilters,
  columnsWorkspace,
} from './convColumns.js';
import { depthwiseBackwardInput, depthwiseBackwardWeight, depthwiseForward, depthwiseWorkspace } from './depthwise.js';
import { epilogueValues } from './epilogue.js';
import { hasChanged, headerBytes } from './keptFilters.js';
import {
  winogradBackwardInput,
  winogradFilterBytes,
  winogradFilters,
  winogradForward,
  winogradFromFilters,
  winogradWorkspace,
} from './winograd.js';
import { F2, F2x5, F4, type GradientScheme, type Scheme } from './winogradScheme.js';
import { winogradBackwardWeight } from './winogradWeights.js';

const GRADIENT_SCHEMES: Partial<Record<ConvolutionAlgorithm, GradientScheme>> = { winograd4: F4, winograd2: F2 };
const SCHEMES: Partial<Record<ConvolutionAlgorithm, Scheme>> = { ...GRADIENT_SCHEMES, winograd2x5: F2x5 };

function asLinear(g: Conv2dGeometry): { batch: number; inFeatures: number; outFeatures: number } {
  return { batch: g.batch, inFeatures: g.inChannels * g.kernelHeight * g.kernelWidth, outFeatures: g.outChannels };
}

export function conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry, workspace: Floats): void {
  conv2dFused(y, x, w, null, b, 0, g, workspace, null);
}

/** The epilogue is part of each algorithm's last loop. */
export function conv2dFused(
  y: Floats,
  x: Floats,
  w: Floats,
  scale: Floats | null,
  shift: Floats | null,
  activation: FusedActivation,
  g: Conv2dGeometry,
  workspace: Floats,
  kept: Floats | null,
): void {
  const name = algorithm('forward', g);
  const scheme = SCHEMES[name];
  const finish = epilogueValues(scale, shift, activation);
  if (name === 'linear') linearFused(y, x, w, finish, asLinear(g));
  else if (name === 'depthwise') depthwiseForward(y, x, w, finish, g, workspace);
  else if (kept !== null) {
    const filters = kept.byteOffset + headerBytes(w.length);
    const scratch = workspace.byteOffset;
    if (scheme !== undefined) winogradFromFilters(y, x, filters, finish, g, scratch, scheme);
    else columnsFromFilters(y, x, filters, finish, g, scratch);
  } else if (scheme !== undefined) winogradForward(y, x, w, finish, g, workspace, scheme);
  else columnsForward(y, x, w, finish, g, workspace);
}

export function conv2dKeepFilters(kept: Floats, w: Floats, g: Conv2dGeometry): void {
  if (!hasChanged(kept, w)) return;
  const scheme = SCHEMES[algorithm('forward', g)];
  const filters = kept.byteOffset + headerBytes(w.length);
  if (scheme !== undefined) winogradFilters(filters, w, g, scheme);
  else columnsFilters(filters, w, g);
}

export function conv2dKeptWorkspace(g: Conv2dGeometry): number {
  const name = algorithm('forward', g);
  if (name === 'linear' || name === 'depthwise') return 0;
  const scheme = SCHEMES[name];
  const bytes = scheme === undefined ? columnsFilterBytes(g) : winogradFilterBytes(g, scheme);
  const { outChannels, inChannels, groups, kernelHeight, kernelWidth } = g;
  return (headerBytes((outChannels * inChannels * kernelHeight * kernelWidth) / groups) + bytes) / 4;
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

export function conv2dWorkspace(pass: ConvolutionPass, g: Conv2dGeometry): number {
  const name = algorithm(pass, g);
  const scheme = SCHEMES[name];
  if (name === 'linear') return linearWorkspace(pass, asLinear(g));
  if (name === 'depthwise') return depthwiseWorkspace(pass, g);
  return scheme === undefined ? columnsWorkspace(pass, g) : winogradWorkspace(pass, g, scheme);
}
