import type { Floats } from '../../../memory/memory.js';
import { threadCount } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { PANEL_GAP, ROWS } from '../gemm/dots.js';
import { align, type Blocking, blocking, blockingValues } from './columns.js';
import { gradients, reduce } from './columnsProgram.js';
import { windowValues } from './windowValues.js';

/** Floats of columns and gradients that a thread makes at a time, whose sums run over the pixels of a block; its pixels; the output channels of a unit of work. */
const GRADIENT_FLOATS = 128 * 1024;
const GRADIENT_PIXELS = 512;
const RANGE_CHANNELS = 256;
const MAX_CHUNKS = 8;
const PARTIAL_BYTES = 32 * 2 ** 20;

interface GradientPlan {
  readonly blocking: Blocking;
  /** Images of a block: more than one where images are small, because short sums spend their time on writing. */
  readonly images: number;
  readonly allBlocks: number;
  readonly chunks: number;
  readonly ranges: number;
  readonly rangeOut: number;
  readonly partialBytes: number;
}

function gradientPlan(g: Conv2dGeometry): GradientPlan {
  const groupOut = g.outChannels / g.groups;
  const slotsO = Math.ceil(groupOut / ROWS) * ROWS;
  const ranges = Math.ceil(slotsO / RANGE_CHANNELS);
  const rangeOut = Math.ceil(slotsO / ranges / ROWS) * ROWS;
  const k = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  const q = blocking(g, rangeOut, GRADIENT_FLOATS);
  const columnRows = Math.ceil((q.blockChannels * g.kernelHeight * g.kernelWidth) / 2) * 2;
  const affordable = Math.min(GRADIENT_FLOATS / (columnRows + rangeOut), GRADIENT_PIXELS) / q.blockPixels;
  const images = q.blocks > 1 ? 1 : Math.max(1, Math.min(g.batch, Math.floor(affordable)));
  const allBlocks = q.blocks > 1 ? g.batch * q.blocks : Math.ceil(g.batch / images);
  const oneChunk = 4 * g.groups * slotsO * Math.ceil(k / 2) * 2;
  const wanted = Math.ceil(MAX_CHUNKS / (g.groups * ranges));
  const chunks = Math.max(1, Math.min(wanted, allBlocks, Math.floor(PARTIAL_BYTES / oneChunk)));
  const panels = (images * q.blockPixels) / 8;
  const scratchBytes = align(q.columnsAt + panels * (32 * (columnRows + rangeOut) + 2 * PANEL_GAP) + 64);
  return {
    blocking: { ...q, scratchBytes },
    images,
    allBlocks,
    chunks,
    ranges,
    rangeOut,
    partialBytes: align(chunks * oneChunk),
  };
}

export function columnsBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const { blocking: q, images, allBlocks, chunks, ranges, rangeOut, partialBytes } = gradientPlan(g);
  if (allBlocks === 0) return;
  const partial = workspace.byteOffset;
  const pointers = { partial, dy: dy.byteOffset, x: x.byteOffset };
  const sizes = { batch: g.batch, chunks, allBlocks, images, ranges, rangeOut };
  const blocks = blockingValues(q, partial + partialBytes);
  gradients.runGroups([pointers, sizes, windowValues(g), blocks], chunks * g.groups * ranges, 1);
  const k = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  const groupOut = g.outChannels / g.groups;
  reduce.run(
    { dw: dw.byteOffset, partial, chunks, groups: g.groups, groupOut, k },
    g.groups * Math.ceil(groupOut / ROWS),
    Math.max(1, Math.ceil(1024 / k)),
  );
}

/** Floats of workspace for the current number of threads. */
export function columnsWeightWorkspace(g: Conv2dGeometry): number {
  const { blocking: q, partialBytes } = gradientPlan(g);
  return (partialBytes + threadCount() * q.scratchBytes) / 4;
}
