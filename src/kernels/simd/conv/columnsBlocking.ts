import type { Values } from '../../../wasm/entry.js';
import type { Conv2dGeometry } from '../../geometry.js';
import type { blocking as parameters } from './columnBlocks.js';

/** Floats of columns that a thread makes at a time: a quarter of a second-level cache. */
export const COLUMN_FLOATS = 64 * 1024;
/** Length of the sums that a register tile makes at a time. */
const DEPTH = 512;
export interface Blocking {
  readonly blockPixels: number;
  readonly blocks: number;
  readonly blockChannels: number;
  readonly direct: boolean;
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
  const needed = (g.outWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
  const rowBytes = 16 * Math.ceil(Math.max(needed, g.padLeft + g.inWidth) / 4) + 64;
  const spannedRows = Math.min(g.outHeight, Math.ceil(blockPixels / g.outWidth) + 1);
  const stageRows = (spannedRows - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const stageAt = align(4 * blockPixels + 64);
  const columnsAt = stageAt + (direct ? 0 : align(stageRows * rowBytes + 64));
  return {
    blockPixels,
    blocks: Math.ceil(pixels / blockPixels),
    blockChannels,
    direct,
    stageAt,
    rowBytes,
    columnsAt,
    scratchBytes: align(columnsAt + 4 * blockPixels * (depth + extraRows) + 64),
  };
}

export function blockingValues(q: Blocking, scratch: number): Values<typeof parameters> {
  return {
    blockPixels: q.blockPixels,
    blocks: q.blocks,
    blockChannels: q.blockChannels,
    direct: q.direct ? 1 : 0,
    scratch,
    scratchBytes: q.scratchBytes,
    stageAt: q.stageAt,
    rowBytes: q.rowBytes,
    columnsAt: q.columnsAt,
  };
}
