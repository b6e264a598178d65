import type { Floats } from '../../../memory/memory.js';
import { threadCount, usesRelaxedSimd } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { packRows, tileRows } from '../gemm/gemmProgram.js';
import { STORE } from '../gemm/tile.js';
import { align, type Blocking, blocking, blockingValues, COLUMN_FLOATS } from './columnsBlocking.js';
import { convolve, scatter } from './columnsProgram.js';
import { columnsWeightWorkspace } from './columnsWeights.js';
import { cut } from './cut.js';
import { type EpilogueValues, NO_EPILOGUE } from './epilogue.js';
import { windowValues } from './windowValues.js';

/** The convolution that takes dy to dx at stride 1: filters turned, padded by what the forward pass left out. */
function turned(g: Conv2dGeometry): Conv2dGeometry {
  return {
    ...g,
    inChannels: g.outChannels,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    outChannels: g.inChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    padTop: (g.kernelHeight - 1) * g.dilationHeight - g.padTop,
    padLeft: (g.kernelWidth - 1) * g.dilationWidth - g.padLeft,
  };
}

/** At stride 1, unless there is more padding than filter, the input gradient is a convolution itself. */
function isTurnable(g: Conv2dGeometry): boolean {
  const t = turned(g);
  return g.strideHeight === 1 && g.strideWidth === 1 && t.padTop >= 0 && t.padLeft >= 0;
}

export function columnsFilterBytes(g: Conv2dGeometry): number {
  return align(4 * g.outChannels * (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth);
}

export function columnsForward(
  y: Floats,
  x: Floats,
  w: Floats,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  workspace: Floats,
): void {
  columnsFilters(workspace.byteOffset, w, g);
  const scratch = workspace.byteOffset + columnsFilterBytes(g);
  columnsFromFilters(y, x, workspace.byteOffset, finish, g, scratch);
}

/** The filters in the order in which the products read them. */
export function columnsFilters(to: number, w: Floats, g: Conv2dGeometry): void {
  const k = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  for (let group = 0; group < g.groups; group++) {
    const rows = g.outChannels / g.groups;
    const at = 4 * group * rows * k;
    packFilters(to + at, w.byteOffset + at, rows, k, 1, 4 * k, 4, 0);
  }
}

/** The forward pass from packed filters; `scratch` has what `columnsWorkspace` says but for them. */
export function columnsFromFilters(
  y: Floats,
  x: Floats,
  filters: number,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  scratch: number,
): void {
  runConvolution(y.byteOffset, x.byteOffset, filters, STORE.overwrite, finish, g, scratch);
}

function packFilters(
  to: number,
  from: number,
  rows: number,
  outer: number,
  taps: number,
  rowStride: number,
  outerStride: number,
  tapStep: number,
): void {
  const R = tileRows(usesRelaxedSimd());
  const grain = Math.max(1, Math.ceil(8192 / (R * outer * taps)));
  packRows.run({ to, from, rows, outer, taps, rowStride, outerStride, tapStep }, Math.ceil(rows / R), grain);
}

function runConvolution(
  y: number,
  x: number,
  filters: number,
  mode: number,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  scratch: number,
): void {
  const { blocking: q, ranges, rangeRows: rangeOut } = convolutionPlan(g);
  const operands = { y, x, a: filters, mode, ranges, rangeOut };
  const units = g.batch * g.groups * q.blocks * ranges;
  convolve.runGroups([operands, finish, windowValues(g), blockingValues(q, scratch)], units, 1);
}

/** Making eight pixels of a column takes the time of so many products with a filter's number: a copy, or a gathering. */
const COPY_COST = 3;
const GATHER_COST = 6;
/** The same for reading a filter's number from a cache further away. */
const FILTER_COST = 0.5;

/** The blocks of `blocking`, divided for the current number of threads. */
function convolutionPlan(g: Conv2dGeometry): { blocking: Blocking; ranges: number; rangeRows: number } {
  const q = blocking(g);
  const { blockLines, blocks, ranges, rangeRows } = cut(
    {
      planes: g.batch * g.groups,
      lines: Math.ceil((g.outHeight * g.outWidth) / 8),
      mostLines: q.blockPixels / 8,
      rows: g.outChannels / g.groups,
      rowStep: tileRows(usesRelaxedSimd()),
      lineCost: q.direct ? COPY_COST : GATHER_COST,
      rowCost: FILTER_COST,
    },
    threadCount(),
  );
  return { blocking: { ...q, blockPixels: 8 * blockLines, blocks }, ranges, rangeRows };
}

export function columnsBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const rows = g.inChannels / g.groups;
  const inner = g.outChannels / g.groups;
  const taps = g.kernelHeight * g.kernelWidth;
  const filters = workspace.byteOffset;
  if (isTurnable(g)) {
    for (let group = 0; group < g.groups; group++) {
      const at = 4 * group * rows * inner * taps;
      packFilters(filters + at, w.byteOffset + at + 4 * (taps - 1), rows, inner, taps, 4 * taps, 4 * rows * taps, -4);
    }
    runConvolution(
      dx.byteOffset,
      dy.byteOffset,
      filters,
      STORE.accumulate,
      NO_EPILOGUE,
      turned(g),
      filters + columnsFilterBytes(g),
    );
    return;
  }
  const q = scatterPlan(g);
  for (let group = 0; group < g.groups; group++) {
    const source = w.byteOffset + 4 * group * rows * inner * taps;
    for (let c = 0; c < rows; c += q.rangeChannels) {
      const count = Math.min(q.rangeChannels, rows - c) * taps;
      const to = filters + 4 * (group * rows + c) * taps * inner;
      packFilters(to, source + 4 * c * taps, count, inner, 1, 4, 4 * rows * taps, 0);
    }
  }
  const pointers = { dx: dx.byteOffset, dy: dy.byteOffset, a: filters };
  const ranges = { ranges: q.ranges, rangeChannels: q.rangeChannels };
  const blocks = blockingValues(q.blocking, filters + columnsFilterBytes(g));
  scatter.runGroups([pointers, ranges, windowValues(g), blocks], g.batch * g.groups * q.ranges, 1);
}

interface ScatterPlan {
  readonly rangeChannels: number;
  readonly ranges: number;
  readonly blocking: Blocking;
}

/** For the scatter, the staging area holds dy's panels and the columns are those of a range of channels. */
function scatterPlan(g: Conv2dGeometry): ScatterPlan {
  const taps = g.kernelHeight * g.kernelWidth;
  const groupChannels = g.inChannels / g.groups;
  const inner = g.outChannels / g.groups;
  const rangeChannels = Math.max(1, Math.min(groupChannels, Math.floor(256 / taps)));
  const pixels = g.outHeight * g.outWidth;
  const most = Math.max(8, Math.floor(COLUMN_FLOATS / (rangeChannels * taps + inner) / 8) * 8);
  const blockPixels = Math.min(Math.ceil(pixels / 8) * 8, most);
  const columnsAt = align(4 * blockPixels * inner + 64);
  const scratchBytes = align(columnsAt + 4 * blockPixels * rangeChannels * taps + 64);
  return {
    rangeChannels,
    ranges: Math.ceil(groupChannels / rangeChannels),
    blocking: {
      blockPixels,
      blocks: Math.ceil(pixels / blockPixels),
      blockChannels: 0,
      direct: false,
      stageAt: 0,
      rowBytes: 0,
      columnsAt,
      scratchBytes,
    },
  };
}

/** Floats of workspace for each pass with the threads of the moment. */
export function columnsWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: Conv2dGeometry): number {
  if (pass === 'backwardWeight') return columnsWeightWorkspace(g);
  const threads = threadCount();
  if (pass === 'forward') return (columnsFilterBytes(g) + threads * blocking(g).scratchBytes) / 4;
  const scratch = isTurnable(g) ? blocking(turned(g)).scratchBytes : scatterPlan(g).blocking.scratchBytes;
  return (columnsFilterBytes(g) + threads * scratch) / 4;
}
