import type { Floats } from '../../memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import { columns } from './columnsProgram.js';
import { columnsBackwardInput, columnsBackwardWeight, columnsForward, columnsWorkspace } from './convColumns.js';
import {
  depthwiseBackwardInput,
  depthwiseBackwardWeight,
  depthwiseForward,
  depthwiseWorkspace,
  isDepthwise,
} from './depthwise.js';
import { linear, linearBackwardInput, linearBackwardWeight, linearWorkspace } from './linear.js';
import {
  winogradBackwardInput,
  winogradBackwardWeight,
  winogradFits,
  winogradForward,
  winogradWorkspace,
} from './winograd.js';
import { F2, F4, type Scheme } from './winogradScheme.js';

type Pass = 'forward' | 'backwardInput' | 'backwardWeight';
type Algorithm = 'linear' | 'depthwise' | 'winograd4' | 'winograd2' | 'columns';

const SCHEMES: Partial<Record<Algorithm, Scheme>> = { winograd4: F4, winograd2: F2 };

/**
 * Which algorithm computes a convolution, the first that fits:
 *
 * - linear: the window covers the whole image and there is one output pixel. It is a matrix product, w [O, C R S].
 * - depthwise: one input channel a group. There is nothing to sum over channels, so a product would be nearly empty.
 * - winograd4, F(4x4, 3x3): 3x3 at stride 1, where a tile is mostly image and channels suffice to pay for the transforms.
 * - columns: everything else, im2col a block at a time; 1x1 at stride 1 needs no gathering.
 */
export function algorithm(_pass: Pass, g: Conv2dGeometry): Algorithm {
  const isWhole = g.kernelHeight === g.inHeight && g.kernelWidth === g.inWidth && g.padTop === 0 && g.padLeft === 0;
  if (isWhole && g.outHeight === 1 && g.outWidth === 1 && g.groups === 1) return 'linear';
  if (isDepthwise(g)) return 'depthwise';
  if (winogradFits(g) && g.inChannels >= 8 && g.outChannels >= 8) return 'winograd4';
  return 'columns';
}

function asLinear(g: Conv2dGeometry): { batch: number; inFeatures: number; outFeatures: number } {
  return { batch: g.batch, inFeatures: g.inChannels * g.kernelHeight * g.kernelWidth, outFeatures: g.outChannels };
}

export function conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry, workspace: Floats): void {
  const name = algorithm('forward', g);
  const scheme = SCHEMES[name];
  if (name === 'linear') linear(y, x, w, b, asLinear(g));
  else if (name === 'depthwise') depthwiseForward(y, x, w, b, g, workspace);
  else if (scheme !== undefined) winogradForward(y, x, w, b, g, workspace, scheme);
  else columnsForward(y, x, w, b, g, workspace);
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
  const scheme = SCHEMES[name];
  if (name === 'linear') linearBackwardWeight(dw, dy, x, asLinear(g), workspace);
  else if (name === 'depthwise') depthwiseBackwardWeight(dw, dy, x, g, workspace);
  else if (scheme !== undefined) winogradBackwardWeight(dw, dy, x, g, workspace, scheme);
  else columnsBackwardWeight(dw, dy, x, g, workspace);
}

export function conv2dBackwardBias(db: Floats, dy: Floats, g: Conv2dGeometry): void {
  const pixels = g.outHeight * g.outWidth;
  const grain = Math.max(1, Math.ceil(32768 / Math.max(1, g.batch * pixels)));
  columns.run('bias', [db.byteOffset, dy.byteOffset, g.batch, g.outChannels, pixels], g.outChannels, grain);
}

export function conv2dWorkspace(pass: Pass, g: Conv2dGeometry): number {
  const name = algorithm(pass, g);
  const scheme = SCHEMES[name];
  if (name === 'linear') return linearWorkspace(pass, asLinear(g));
  if (name === 'depthwise') return depthwiseWorkspace(pass, g);
  return scheme === undefined ? columnsWorkspace(pass, g) : winogradWorkspace(pass, g, scheme);
}
