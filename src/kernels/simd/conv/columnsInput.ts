import type { Floats } from '../../../memory/memory.js';
import { threadCount } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { STORE } from '../gemm/tile.js';
import {
  align,
  type Blocking,
  blocking,
  blockingValues,
  COLUMN_FLOATS,
  columnsFilterBytes,
  packFilters,
  runConvolution,
} from './columns.js';
import { scatter } from './columnsProgram.js';
import { NO_EPILOGUE } from './epilogue.js';
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
      unpadded: false,
      stageAt: 0,
      rowBytes: 0,
      columnsAt,
      scratchBytes,
    },
  };
}

/** Floats of workspace that the input gradient needs with the current number of threads. */
export function columnsInputWorkspace(g: Conv2dGeometry): number {
  const scratch = isTurnable(g) ? blocking(turned(g)).scratchBytes : scatterPlan(g).blocking.scratchBytes;
  return (columnsFilterBytes(g) + threadCount() * scratch) / 4;
}
