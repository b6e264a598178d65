import type { Values } from '../../../wasm/entry.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { ROWS } from '../gemm/dots.js';
import type { common } from './winogradBlocks.js';
import type { Scheme } from './winogradScheme.js';

/** Bytes of transformed inputs and products that a thread works on at a time: most of a second-level cache. */
const BLOCK_BYTES = 768 * 1024;
const MIN_TILES = 32;
const WEIGHT_TILES = 256;
const WEIGHT_BYTES = 12 * 2 ** 20;

/** A convolution as Winograd sees it: the pass to the input gradient is one too, with other sizes and padding. */
export interface Problem {
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

export interface Plan {
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

export function forwardProblem(g: Conv2dGeometry): Problem {
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

export function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export function plan(
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
  // The extra line keeps neighboring positions out of one set of the first-level cache.
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

/** The values of what both programs have in `common`. */
export function commonValues(p: Problem, q: Plan, scratch: number): Values<typeof common> {
  return {
    channels: p.channels,
    height: p.height,
    width: p.width,
    outChannels: p.outChannels,
    outHeight: p.outHeight,
    outWidth: p.outWidth,
    padTop: p.padTop,
    padLeft: p.padLeft,
    tileRows: q.tileRows,
    tileColumns: q.tileColumns,
    allRows: q.allRows,
    blockRows: q.blockRows,
    scratch,
    scratchBytes: q.scratchBytes,
    stageAt: q.stageAt,
    rowBytes: q.rowBytes,
    segmentBytes: q.segmentBytes,
    inputsAt: q.inputsAt,
    inputStride: q.inputStride,
    productsAt: q.productsAt,
    productStride: q.productStride,
  };
}
