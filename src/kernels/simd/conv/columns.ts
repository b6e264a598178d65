import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import { threadCount, usesRelaxedSimd } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { PANEL_GAP } from '../gemm/dots.js';
import { packRows } from '../gemm/packing.js';
import { STORE, tileRows } from '../gemm/tile.js';
import type { blocking as blockingParameters } from './columnBlocks.js';
import { convolve } from './columnsProgram.js';
import { cut } from './cut.js';
import type { EpilogueValues } from './epilogue.js';
import { windowValues } from './windowValues.js';

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

/** The forward pass from packed filters; `scratch` has what `columnsForwardWorkspace` says but for them. */
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

export function packFilters(
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

/** Runs the blocks of a convolution from packed filters. */
export function runConvolution(
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

/** Floats of workspace that the forward pass needs with the current number of threads. */
export function columnsForwardWorkspace(g: Conv2dGeometry): number {
  return (columnsFilterBytes(g) + threadCount() * blocking(g).scratchBytes) / 4;
}

/** Floats of columns that a thread makes at a time: just below half of a second-level cache. */
export const COLUMN_FLOATS = 112 * 1024;
/** Length of the sums that a register tile makes at a time. */
const DEPTH = 512;
export interface Blocking {
  readonly blockPixels: number;
  readonly blocks: number;
  readonly blockChannels: number;
  readonly direct: boolean;
  readonly unpadded: boolean;
  readonly stageAt: number;
  readonly rowBytes: number;
  readonly columnsAt: number;
  readonly scratchBytes: number;
}

export function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export function blocking(g: Conv2dGeometry, extraRows = 0, floats = COLUMN_FLOATS): Blocking {
  const taps = g.kernelHeight * g.kernelWidth;
  const pixels = g.outHeight * g.outWidth;
  const groupChannels = g.inChannels / g.groups;
  // An even number but in the last block, so that the column which pads an odd depth falls behind all others.
  const blockChannels = Math.max(1, Math.min(groupChannels, Math.max(2, 2 * Math.floor(DEPTH / taps / 2))));
  const depth = Math.ceil((blockChannels * taps) / 2) * 2;
  const most = Math.max(8, Math.floor(floats / (depth + extraRows) / 8) * 8);
  const blockPixels = Math.min(Math.ceil(pixels / 8) * 8, Math.min(512, most));
  const direct =
    taps === 1 &&
    g.strideHeight === 1 &&
    g.strideWidth === 1 &&
    g.outHeight === g.inHeight &&
    g.outWidth === g.inWidth &&
    g.padTop === 0 &&
    g.padLeft === 0;
  const reach = (outputs: number, stride: number, taps: number, dilation: number): number =>
    (outputs - 1) * stride + (taps - 1) * dilation + 1;
  const needed = reach(g.outWidth, g.strideWidth, g.kernelWidth, g.dilationWidth);
  const unpadded =
    g.padTop === 0 &&
    g.padLeft === 0 &&
    needed <= g.inWidth &&
    reach(g.outHeight, g.strideHeight, g.kernelHeight, g.dilationHeight) <= g.inHeight;
  const rowBytes = unpadded ? 4 * g.inWidth : 16 * Math.ceil(Math.max(needed, g.padLeft + g.inWidth) / 4) + 64;
  const spannedRows = Math.min(g.outHeight, Math.ceil(blockPixels / g.outWidth) + 1);
  const stageRows = (spannedRows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const stageAt = align(4 * blockPixels + 64);
  const columnsAt = stageAt + (direct || unpadded ? 0 : align(stageRows * rowBytes + 64));
  return {
    blockPixels,
    blocks: Math.ceil(pixels / blockPixels),
    blockChannels,
    direct,
    unpadded,
    stageAt,
    rowBytes,
    columnsAt,
    // Behind the panels lies what the product makes of a pixel that is alone in its panel.
    scratchBytes: align(columnsAt + (blockPixels / 8) * (32 * (depth + extraRows) + PANEL_GAP) + 24 * depth + 64),
  };
}

export function blockingValues(q: Blocking, scratch: number): Values<typeof blockingParameters> {
  return {
    blockPixels: q.blockPixels,
    blocks: q.blocks,
    blockChannels: q.blockChannels,
    direct: q.direct ? 1 : 0,
    unpadded: q.unpadded ? 1 : 0,
    scratch,
    scratchBytes: q.scratchBytes,
    stageAt: q.stageAt,
    rowBytes: q.rowBytes,
    columnsAt: q.columnsAt,
  };
}
