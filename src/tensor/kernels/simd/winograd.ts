import type { Floats } from '../../memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import { threadCount } from '../wasm/program.js';
import { cut } from './cut.js';
import { ROWS } from './dots.js';
import { type EpilogueValues, NO_EPILOGUE } from './epilogue.js';
import { POSITION_GAP } from './winogradBlocks.js';
import { winogradConvolution, winogradWeights } from './winogradProgram.js';
import type { GradientScheme, Scheme } from './winogradScheme.js';

/**
 * The bound on the error of F(4x4, 3x3), forward and both gradients: |result - exact| <= WINOGRAD_BOUND u max(sum |a| |b|), the maximum over the
 * whole output, u = 2^-24. Against float64 on uniformly drawn numbers, 1 to 512 channels, 20 was the most measured; F(2x2, 3x3)
 * and F(2x2, 5x5) stay below 3.
 */
export const WINOGRAD_BOUND = 64;

/** Bytes of transformed inputs and products that a thread works on at a time: most of a second-level cache. */
const BLOCK_BYTES = 768 * 1024;
const MIN_TILES = 32;
const WEIGHT_TILES = 256;
const WEIGHT_BYTES = 12 * 2 ** 20;

/** A convolution as Winograd sees it: the pass to the input gradient is one too, with other sizes and padding. */
interface Problem {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

interface Plan {
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly allRows: number;
  readonly blockRows: number;
  readonly blocks: number;
  readonly stageAt: number;
  readonly rowBytes: number;
  readonly segmentBytes: number;
  readonly inputsAt: number;
  readonly inputStride: number;
  readonly productsAt: number;
  readonly productStride: number;
  readonly scratchBytes: number;
}

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

function forwardProblem(g: Conv2dGeometry): Problem {
  return {
    batch: g.batch,
    channels: g.inChannels,
    height: g.inHeight,
    width: g.inWidth,
    outChannels: g.outChannels,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    padTop: g.padTop,
    padLeft: g.padLeft,
  };
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

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function plan(
  p: Problem,
  { m, size }: Scheme,
  productChannels: number,
  pass: 'convolution' | 'weights',
  mostRows = Infinity,
): Plan {
  const tileRows = Math.ceil(p.outHeight / m);
  const tileColumns = Math.ceil(p.outWidth / m);
  const allRows = p.batch * tileRows;
  const positions = size * size;
  const inputSlots = Math.ceil(p.channels / 2) * 2;
  const productSlots = Math.ceil(productChannels / ROWS) * ROWS;
  const affordable = Math.floor(BLOCK_BYTES / (4 * positions * (inputSlots + productSlots)));
  const least =
    pass === 'convolution'
      ? MIN_TILES
      : Math.min(WEIGHT_TILES, Math.floor(WEIGHT_BYTES / (4 * positions * (inputSlots + productSlots))));
  const tiles = Math.max(MIN_TILES, least, affordable);
  const blockRows = Math.max(1, Math.min(allRows, mostRows, Math.floor(tiles / tileColumns)));
  const panels = Math.ceil((blockRows * tileColumns) / 8);
  const segmentBytes = 16 * Math.ceil((tileColumns * m + size - m) / 4) + 32;
  const rowBytes = (blockRows + 1) * segmentBytes;
  // The extra line keeps neighbouring positions out of one set of the first-level cache.
  const inputStride = panels * inputSlots * 32 + 64;
  const productStride = panels * productSlots * 32 + 64;
  const stageAt = align(4 * (8 * panels + 8));
  const inputsAt = stageAt + align(size * rowBytes + 64);
  const productsAt = inputsAt + positions * inputStride;
  return {
    tileRows,
    tileColumns,
    allRows,
    blockRows,
    blocks: Math.ceil(allRows / blockRows),
    stageAt,
    rowBytes,
    segmentBytes,
    inputsAt,
    inputStride,
    productsAt,
    productStride,
    scratchBytes: align(productsAt + positions * productStride),
  };
}

/** The values of the programs' common parameters, in their order. */
function commonValues(p: Problem, q: Plan, scratch: number): number[] {
  return [
    p.channels,
    p.height,
    p.width,
    p.outChannels,
    p.outHeight,
    p.outWidth,
    p.padTop,
    p.padLeft,
    q.tileRows,
    q.tileColumns,
    q.allRows,
    q.blockRows,
    scratch,
    q.scratchBytes,
    q.stageAt,
    q.rowBytes,
    q.segmentBytes,
    q.inputsAt,
    q.inputStride,
    q.productsAt,
    q.productStride,
  ];
}

function filterBytes(p: Problem, { size }: Scheme): number {
  return align(size * size * (Math.ceil(p.outChannels / ROWS) * ROWS * p.channels * 4 + POSITION_GAP));
}

/** Floats of workspace for each pass with the threads of the moment. */
export function winogradWorkspace(
  pass: 'forward' | 'backwardInput' | 'backwardWeight',
  g: Conv2dGeometry,
  scheme: Scheme,
): number {
  if (pass === 'backwardWeight') {
    const w = weightPlan(g, scheme);
    return (w.partialBytes + threadCount() * w.plan.scratchBytes) / 4;
  }
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

/** Blocks as large as the caches allow, cut for the threads of the moment. */
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
      rowStep: ROWS,
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
  const strides = [g.inChannels * bytes, bytes, 0, 4];
  winogradConvolution[scheme.name].run(
    'filters',
    [u, w.byteOffset, p.outChannels, p.channels, ...strides],
    Math.ceil(p.outChannels / ROWS),
    4,
  );
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
  const strides = [bytes, g.inChannels * bytes, bytes - 4, -4];
  winogradConvolution[scheme.name].run(
    'filters',
    [u, w.byteOffset, p.outChannels, p.channels, ...strides],
    Math.ceil(p.outChannels / ROWS),
    4,
  );
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
  const pointers = [y.byteOffset, x.byteOffset, u];
  winogradConvolution[scheme.name].run(
    'convolve',
    [...pointers, accumulate, ranges, rangeOut, ...finish, ...commonValues(p, q, scratch)],
    q.blocks * ranges,
    1,
  );
}

/** The most bytes of partial weight gradients, and output channels that one unit of work covers. */
const PARTIAL_BYTES = 32 * 2 ** 20;
const MAX_CHUNKS = 8;
const RANGE_CHANNELS = 128;

interface WeightPlan {
  readonly plan: Plan;
  readonly chunks: number;
  readonly ranges: number;
  readonly rangeChannels: number;
  readonly partialBytes: number;
}

function weightPlan(g: Conv2dGeometry, scheme: Scheme): WeightPlan {
  const p = forwardProblem(g);
  const ranges = Math.ceil(p.outChannels / RANGE_CHANNELS);
  const rangeChannels = Math.ceil(p.outChannels / ranges / ROWS) * ROWS;
  const q = plan(p, scheme, rangeChannels, 'weights');
  const slots = Math.ceil(p.channels / 2) * 2 * Math.ceil(p.outChannels / ROWS) * ROWS;
  const oneChunk = scheme.size * scheme.size * (slots * 4 + POSITION_GAP);
  const chunks = Math.max(1, Math.min(MAX_CHUNKS, q.blocks, Math.floor(PARTIAL_BYTES / oneChunk)));
  return { plan: q, chunks, ranges, rangeChannels, partialBytes: align(chunks * oneChunk) };
}

export function winogradBackwardWeight(
  dw: Floats,
  dy: Floats,
  x: Floats,
  g: Conv2dGeometry,
  workspace: Floats,
  scheme: GradientScheme,
): void {
  const p = forwardProblem(g);
  const w = weightPlan(g, scheme);
  const du = workspace.byteOffset;
  const values = [du, dy.byteOffset, x.byteOffset, w.chunks, w.ranges, w.rangeChannels, w.plan.blocks];
  winogradWeights[scheme.name].run(
    'gradients',
    [...values, ...commonValues(p, w.plan, du + w.partialBytes)],
    w.chunks * w.ranges,
    1,
  );
  winogradWeights[scheme.name].run(
    'reduce',
    [dw.byteOffset, du, w.chunks, p.channels, p.outChannels],
    Math.ceil(p.outChannels / ROWS),
    4,
  );
}
