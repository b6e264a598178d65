import type { Floats } from '../../../memory/memory.js';
import { threadCount, usesRelaxedSimd } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { ROWS } from '../gemm/dots.js';
import { tileRows } from '../gemm/tile.js';
import { cut } from './cut.js';
import { type EpilogueValues, NO_EPILOGUE } from './epilogue.js';
import { POSITION_GAP } from './winogradBlocks.js';
import { align, commonValues, forwardProblem, type Plan, type Problem, plan } from './winogradPlan.js';
import { type FilterStrides, winogradConvolution } from './winogradProgram.js';
import type { Scheme } from './winogradScheme.js';
import { winogradWeightWorkspace } from './winogradWeights.js';

/**
 * The bound on the error of F(4x4, 3x3), forward and both gradients: |result - exact| <= WINOGRAD_BOUND u max(sum |a| |b|), the maximum over the
 * whole output, u = 2^-24. Against float64 on uniformly drawn numbers, 1 to 512 channels, 20 was the most measured; F(2x2, 3x3)
 * and F(2x2, 5x5) stay below 3.
 */
export const WINOGRAD_BOUND = 64;

/** Whether a convolution is one that Winograd's algorithm computes with filters of so many taps: at stride 1, dense, little padding. */
export function winogradFits(g: Conv2dGeometry, taps: Scheme['taps'] = 3): boolean {
  return (
    g.kernelHeight === taps &&
    g.kernelWidth === taps &&
    g.strideHeight === 1 &&
    g.strideWidth === 1 &&
    g.dilationHeight === 1 &&
    g.dilationWidth === 1 &&
    g.groups === 1 &&
    g.padTop < taps &&
    g.padLeft < taps &&
    g.outWidth - g.inWidth <= g.padLeft &&
    g.outHeight - g.inHeight <= g.padTop
  );
}

/** dx is the convolution of dy with the turned filters, padded by what the forward pass left out. */
function inputGradientProblem(g: Conv2dGeometry, { taps }: Scheme): Problem {
  return {
    batch: g.batch,
    channels: g.outChannels,
    height: g.outHeight,
    width: g.outWidth,
    outChannels: g.inChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    padTop: taps - 1 - g.padTop,
    padLeft: taps - 1 - g.padLeft,
  };
}

function filterBytes(p: Problem, { size }: Scheme): number {
  return align(size * size * (Math.ceil(p.outChannels / ROWS) * ROWS * p.channels * 4 + POSITION_GAP));
}

/** Floats of workspace that a pass needs with the current number of threads. */
export function winogradWorkspace(
  pass: 'forward' | 'backwardInput' | 'backwardWeight',
  g: Conv2dGeometry,
  scheme: Scheme,
): number {
  if (pass === 'backwardWeight') return winogradWeightWorkspace(g, scheme);
  const p = pass === 'forward' ? forwardProblem(g) : inputGradientProblem(g, scheme);
  return (filterBytes(p, scheme) + threadCount() * convolutionPlan(p, scheme).plan.scratchBytes) / 4;
}

/** Transforming eight tiles of an input channel takes the time of so many products with a filter's number; so do those of an output channel. */
const TRANSFORM_COST = 6;
/** The same for reading a filter's number from a cache further away. */
const FILTER_COST = 0.5;

interface ConvolutionPlan {
  readonly plan: Plan;
  readonly ranges: number;
  readonly rangeOut: number;
}

/** Blocks as large as the caches allow, cut for the current number of threads. */
function convolutionPlan(p: Problem, scheme: Scheme): ConvolutionPlan {
  const largest = plan(p, scheme, p.outChannels, 'convolution');
  const panels = largest.tileColumns / 8;
  const rowWork = 1 + TRANSFORM_COST / Math.max(1, p.channels);
  const { blockLines, ranges, rangeRows } = cut(
    {
      planes: 1,
      lines: largest.allRows,
      mostLines: largest.blockRows,
      rows: p.outChannels,
      rowStep: tileRows(usesRelaxedSimd()),
      lineCost: TRANSFORM_COST / rowWork,
      rowCost: FILTER_COST / panels / rowWork,
    },
    threadCount(),
  );
  return { plan: plan(p, scheme, rangeRows, 'convolution', blockLines), ranges, rangeOut: rangeRows };
}

export function winogradForward(
  y: Floats,
  x: Floats,
  w: Floats,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  workspace: Floats,
  scheme: Scheme,
): void {
  const u = workspace.byteOffset;
  winogradFilters(u, w, g, scheme);
  winogradFromFilters(y, x, u, finish, g, u + filterBytes(forwardProblem(g), scheme), scheme);
}

/** The transformed filters of the forward pass. */
export function winogradFilters(u: number, w: Floats, g: Conv2dGeometry, scheme: Scheme): void {
  const p = forwardProblem(g);
  const bytes = 4 * scheme.taps ** 2;
  const strides = { outStride: g.inChannels * bytes, inStride: bytes, firstTap: 0, tapStep: 4 };
  transformFilters(u, w, p, strides, scheme);
}

function transformFilters(u: number, w: Floats, p: Problem, strides: FilterStrides, { name }: Scheme): void {
  const { outChannels, channels } = p;
  const values = { u, w: w.byteOffset, outChannels, channels };
  winogradConvolution[name].filters.runGroups([values, strides], Math.ceil(outChannels / ROWS), 4);
}

export function winogradFilterBytes(g: Conv2dGeometry, scheme: Scheme): number {
  return filterBytes(forwardProblem(g), scheme);
}

/** The forward pass from transformed filters; `scratch` has what `winogradWorkspace` says but for them. */
export function winogradFromFilters(
  y: Floats,
  x: Floats,
  u: number,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  scratch: number,
  scheme: Scheme,
): void {
  convolve(y, x, u, 0, finish, forwardProblem(g), scheme, scratch);
}

export function winogradBackwardInput(
  dx: Floats,
  dy: Floats,
  w: Floats,
  g: Conv2dGeometry,
  workspace: Floats,
  scheme: Scheme,
): void {
  const p = inputGradientProblem(g, scheme);
  const bytes = 4 * scheme.taps ** 2;
  const u = workspace.byteOffset;
  const strides = { outStride: bytes, inStride: g.inChannels * bytes, firstTap: bytes - 4, tapStep: -4 };
  transformFilters(u, w, p, strides, scheme);
  convolve(dx, dy, u, 1, NO_EPILOGUE, p, scheme, u + filterBytes(p, scheme));
}

function convolve(
  y: Floats,
  x: Floats,
  u: number,
  accumulate: number,
  finish: EpilogueValues,
  p: Problem,
  scheme: Scheme,
  scratch: number,
): void {
  const { plan: q, ranges, rangeOut } = convolutionPlan(p, scheme);
  const operands = { y: y.byteOffset, x: x.byteOffset, u, accumulate, ranges, rangeOut };
  const groups = [operands, finish, commonValues(p, q, scratch)] as const;
  winogradConvolution[scheme.name].convolve.runGroups(groups, q.blocks * ranges, 1);
}
