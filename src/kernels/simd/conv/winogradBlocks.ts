import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { type Scheme, transform2d } from './winogradScheme.js';
import { emitLoadTiles, emitStageIn } from './winogradTiles.js';

/**
 * Bytes between the arrays of neighboring positions: without them arrays of a power of two would all lie in one set of the cache, and the
 * transforms, which write to all positions in turn, would wait for memory.
 */
export const POSITION_GAP = 64;

/** Shapes and scratch layout of both functions that walk over blocks of tiles. */
export const common = {
  channels: 'i32',
  height: 'i32',
  width: 'i32',
  outChannels: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  padTop: 'i32',
  padLeft: 'i32',
  /** Tile rows and columns an image, tile rows in all and in a block. */
  tileRows: 'i32',
  tileColumns: 'i32',
  allRows: 'i32',
  blockRows: 'i32',
  /** Scratch: its start, bytes a thread, and where the parts lie in it. */
  scratch: 'i32',
  scratchBytes: 'i32',
  stageAt: 'i32',
  rowBytes: 'i32',
  segmentBytes: 'i32',
  inputsAt: 'i32',
  /** Bytes between the transformed inputs of neighboring positions, and between the products. */
  inputStride: 'i32',
  productsAt: 'i32',
  productStride: 'i32',
} as const;

export type Common = { [K in keyof typeof common]: Variable<'i32'> };

/** The pointers and sizes of one block of tile rows. */
export interface Block {
  readonly tiles: { tileRows: I32; tileColumns: I32; firstRow: I32; rows: I32 };
  readonly stage: { base: I32; rowBytes: I32; segmentBytes: I32 };
  readonly table: I32;
  readonly inputs: I32;
  readonly products: I32;
  readonly index: I32;
  /** Tiles rounded up to eight, and how many eights. */
  readonly slots: I32;
  readonly panels: I32;
}

/** Walks over the units [p.begin, p.end), each a block times one of `p.ranges` ranges, and gives both to `body`. */
export function forEachRange(
  f: FunctionBuilder,
  p: Common & Record<'ranges' | 'begin' | 'end' | 'thread', Variable<'i32'>>,
  body: (block: Block, range: I32) => void,
): void {
  f.loop(p.begin, p.end, 1, (unit) => {
    const index = f.let(unit.div(p.ranges));
    const range = f.let(unit.sub(index.mul(p.ranges)));
    forEachBlock(f, p, p.thread, index, f.let(index.add(1)), (block) => body(block, range));
  });
}

/** Walks over the blocks of tile rows [begin, end) and gives each to `body`. */
export function forEachBlock(
  f: FunctionBuilder,
  p: Common,
  thread: I32,
  begin: I32,
  end: I32,
  body: (block: Block) => void,
): void {
  const table = f.let(p.scratch.add(thread.mul(p.scratchBytes)));
  f.loop(begin, end, 1, (index) => {
    const firstRow = f.let(index.mul(p.blockRows));
    const rows = f.let(p.allRows.sub(firstRow).min(p.blockRows));
    const panels = f.let(rows.mul(p.tileColumns).add(7).shr(3));
    body({
      index,
      tiles: { tileRows: p.tileRows, tileColumns: p.tileColumns, firstRow, rows },
      stage: { base: f.let(table.add(p.stageAt)), rowBytes: p.rowBytes, segmentBytes: p.segmentBytes },
      table,
      inputs: f.let(table.add(p.inputsAt)),
      products: f.let(table.add(p.productsAt)),
      slots: f.let(panels.shl(3)),
      panels,
    });
  });
}

/** Steps (1) and (2): stages each channel of x and writes B^T d B of its tiles to inputs[position], channel c's four from tile t on at `place(c, t)`. */
export function emitInputs(
  f: FunctionBuilder,
  scheme: Scheme,
  p: Common,
  x: I32,
  block: Block,
  place: (c: I32, t: I32) => I32,
): void {
  f.loop(0, p.channels, 1, (c) => {
    const planes = {
      pointer: x,
      channels: p.channels,
      channel: c,
      height: p.height,
      width: p.width,
      padTop: p.padTop,
      padLeft: p.padLeft,
    };
    emitStageIn(f, block.stage, block.tiles, planes, scheme.m, scheme.size);
    f.loop(0, block.slots, 4, (t) => {
      const patch = emitLoadTiles(f, block.stage, f.let(block.table.add(t.shl(2))), scheme.size, scheme.size);
      const to = f.let(block.inputs.add(place(c, t)));
      for (const v of transform2d(f, scheme.input, patch).flat()) {
        f.store(to, v);
        to.set(to.add(p.inputStride));
      }
    });
  });
}
