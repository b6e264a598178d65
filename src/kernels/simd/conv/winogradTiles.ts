import type { FunctionBuilder } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { transpose4 } from './winogradScheme.js';

/** A block of tile rows, numbered over all images: row g of tiles is row g % tileRows of image g / tileRows. */
export interface TileBlock {
  /** Tile rows an image. */
  tileRows: I32;
  /** Tiles in a row. */
  tileColumns: I32;
  /** The block's first tile row and how many it has. */
  firstRow: I32;
  rows: I32;
}

/** The staging area: the rows of one channel that a block's tiles read or write, tile rows side by side. */
export interface Stage {
  base: I32;
  /** Bytes between its rows, and between neighboring tile rows in one row. */
  rowBytes: I32;
  segmentBytes: I32;
}

/** One channel of a batch of images, as bytes. */
export interface Planes {
  pointer: I32;
  channels: I32;
  channel: I32;
  height: I32;
  width: I32;
  padTop: I32;
  padLeft: I32;
}

/** Fills the table with the offset of each tile in the staging area; the last group of eight is filled up with `spare`. */
export function emitTileTable(
  f: FunctionBuilder,
  table: I32,
  block: TileBlock,
  stage: Stage,
  tileBytes: number,
  spare: I32,
): void {
  const p = f.let(table);
  f.loop(0, block.rows, 1, (row) => {
    const offset = f.let(row.mul(stage.segmentBytes));
    f.loop(0, block.tileColumns, 1, () => {
      f.store(p, offset);
      p.set(p.add(4));
      offset.set(offset.add(tileBytes));
    });
  });
  for (let i = 0; i < 7; i++) f.store(p, spare, 4 * i);
}

/**
 * Copies `count` rows a tile row of one channel into the staging area, with zeros where the padded image has no pixel.
 * At most eight zeros follow a row, so that the right padding and the last tile's overhang are covered.
 */
export function emitStageIn(
  f: FunctionBuilder,
  stage: Stage,
  block: TileBlock,
  planes: Planes,
  m: number,
  count: number,
): void {
  const zero = f.let(F32x4.of(0));
  f.loop(0, block.rows, 1, (row) => {
    const g = f.let(block.firstRow.add(row));
    const image = f.let(g.div(block.tileRows));
    const top = f.let(g.sub(image.mul(block.tileRows)).mul(m).sub(planes.padTop));
    const plane = f.let(image.mul(planes.channels).add(planes.channel).mul(planes.height));
    const to = f.let(stage.base.add(row.mul(stage.segmentBytes)));
    for (let r = 0; r < count; r++) {
      const h = f.let(top.add(r));
      f.if(
        h.lt(0).or(h.ge(planes.height)),
        () => f.loop(0, stage.segmentBytes, 16, (i) => f.store(to.add(i), zero)),
        () => {
          f.store(to, zero);
          const target = f.let(to.add(planes.padLeft.shl(2)));
          emitCopy(f, target, planes.pointer.add(plane.add(h).mul(planes.width).shl(2)), planes.width);
          const behind = f.let(target.add(planes.width.shl(2)));
          f.store(behind, zero);
          f.store(behind, zero, 16);
        },
      );
      to.set(to.add(stage.rowBytes));
    }
  });
}

function emitCopy(f: FunctionBuilder, to: I32, from: I32, floats: I32): void {
  const source = f.let(from);
  const whole = f.let(floats.shr(2).shl(4));
  f.loop(0, whole, 16, (i) => f.store(to.add(i), F32x4.load(source.add(i))));
  f.loop(whole, floats.shl(2), 4, (i) => f.storeLane(to.add(i), F32x4.loadOne(source.add(i)), 0));
}

/**
 * The pixels of four tiles as vectors with one lane a tile: patch[r][j] holds pixel (r, j) of tiles t to t + 3.
 * A tile is 2, 4 or 6 pixels wide.
 */
export function emitLoadTiles(f: FunctionBuilder, stage: Stage, table: I32, height: number, width: number): F32x4[][] {
  const p = [0, 1, 2, 3].map((i) => f.let(stage.base.add(loadOffset(f, table, i))));
  return Array.from({ length: height }, (_, r) => {
    if (r > 0) for (const pointer of p) pointer.set(pointer.add(stage.rowBytes));
    const columns =
      width >= 4
        ? transpose4(
            f,
            p.map((pointer) => f.let(F32x4.load(pointer))),
          )
        : [];
    if (width % 4 === 2) {
      const at = width - 2;
      const low = f.let(F32x4.loadTwo(p[0], 4 * at).loadUpperTwo(p[1], 4 * at));
      const high = f.let(F32x4.loadTwo(p[2], 4 * at).loadUpperTwo(p[3], 4 * at));
      columns.push(f.let(low.shuffle(high, 0, 2, 4, 6)), f.let(low.shuffle(high, 1, 3, 5, 7)));
    }
    return columns;
  });
}

function loadOffset(f: FunctionBuilder, table: I32, i: number): I32 {
  return f.let(tableEntry(table, i));
}

function tableEntry(table: I32, i: number): I32 {
  return (table.constructor as typeof I32).load(table, 4 * i);
}

/** The reverse of `emitLoadTiles` for square tiles of 2 or 4 pixels. */
export function emitStoreTiles(
  f: FunctionBuilder,
  stage: Stage,
  table: I32,
  patch: readonly (readonly F32x4[])[],
): void {
  const p = [0, 1, 2, 3].map((i) => f.let(stage.base.add(loadOffset(f, table, i))));
  patch.forEach((row, r) => {
    if (r > 0) for (const pointer of p) pointer.set(pointer.add(stage.rowBytes));
    if (row.length === 4) {
      transpose4(
        f,
        row.map((v) => f.let(v)),
      ).forEach((v, i) => {
        f.store(p[i], v);
      });
      return;
    }
    const [even, odd] = row.map((v) => f.let(v));
    const low = f.let(even.shuffle(odd, 0, 4, 1, 5));
    const high = f.let(even.shuffle(odd, 2, 6, 3, 7));
    for (const [i, v] of [low, low, high, high].entries()) f.storeTwo(p[i], v, (i & 1) as 0 | 1);
  });
}

/**
 * Copies a block's rows of one channel from the staging area to the image. They are added to the values there, or pass through `finish`.
 */
export function emitStageOut(
  f: FunctionBuilder,
  stage: Stage,
  block: TileBlock,
  planes: Planes,
  m: number,
  accumulate: I32,
  finish: (sum: F32x4, to: I32) => F32x4,
): void {
  f.loop(0, block.rows, 1, (row) => {
    const g = f.let(block.firstRow.add(row));
    const image = f.let(g.div(block.tileRows));
    const top = f.let(g.sub(image.mul(block.tileRows)).mul(m));
    const plane = f.let(image.mul(planes.channels).add(planes.channel).mul(planes.height));
    const from = f.let(stage.base.add(row.mul(stage.segmentBytes)));
    for (let r = 0; r < m; r++) {
      const h = f.let(top.add(r));
      f.if(h.lt(planes.height), () => {
        const to = f.let(planes.pointer.add(plane.add(h).mul(planes.width).shl(2)));
        const whole = f.let(planes.width.shr(2).shl(4));
        const rest = f.let(planes.width.shl(2));
        f.if(
          accumulate,
          () => {
            f.loop(0, whole, 16, (i) => f.store(to.add(i), F32x4.load(to.add(i)).add(F32x4.load(from.add(i)))));
            f.loop(whole, rest, 4, (i) =>
              f.storeLane(to.add(i), F32x4.loadOne(to.add(i)).add(F32x4.loadOne(from.add(i))), 0),
            );
          },
          () => {
            f.loop(0, whole, 16, (i) => f.store(to.add(i), finish(F32x4.load(from.add(i)), to.add(i))));
            f.loop(whole, rest, 4, (i) => f.storeLane(to.add(i), finish(F32x4.loadOne(from.add(i)), to.add(i)), 0));
          },
        );
      });
      from.set(from.add(stage.rowBytes));
    }
  });
}
