import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitStageRows, type Window } from './window.js';

/** How the pixels of an image are cut into blocks, and where a thread's scratch area has its parts. */
export const blocking = {
  /** Pixels of a block, a multiple of eight, and blocks an image. */
  blockPixels: 'i32',
  blocks: 'i32',
  /** Input channels whose columns are made at a time. */
  blockChannels: 'i32',
  /** 1 where a window is one pixel at stride 1: columns are the image itself. */
  direct: 'i32',
  /** 1 where no window reaches over the border: columns are gathered from the image itself, whose rows are `rowBytes` long. */
  unpadded: 'i32',
  scratch: 'i32',
  scratchBytes: 'i32',
  stageAt: 'i32',
  rowBytes: 'i32',
  columnsAt: 'i32',
} as const;

export type Blocking = { [K in keyof typeof blocking]: Variable<'i32'> };

/** A block of pixels of one group of one image, and the parts of a thread's scratch area. */
export interface Block {
  image: I32;
  group: I32;
  /** First pixel, pixels, and panels of eight. */
  first: I32;
  pixels: I32;
  panels: I32;
  table: I32;
  stage: I32;
  columns: I32;
}

export function emitBlock(
  f: FunctionBuilder,
  p: Window & Blocking,
  thread: I32,
  image: I32,
  group: I32,
  index: I32,
): Block {
  const all = f.let(p.outHeight.mul(p.outWidth));
  const first = f.let(index.mul(p.blockPixels));
  const pixels = f.let(all.sub(first).min(p.blockPixels));
  const table = f.let(p.scratch.add(thread.mul(p.scratchBytes)));
  return {
    image,
    group,
    first,
    pixels,
    panels: f.let(pixels.add(7).shr(3)),
    table,
    stage: f.let(table.add(p.stageAt)),
    columns: f.let(table.add(p.columnsAt)),
  };
}

/** The place in the staging area of each pixel's window; pixels past the last repeat it. */
export function emitTable(f: FunctionBuilder, p: Window & Blocking, block: Block): void {
  const to = f.let(block.table);
  const row = f.let(block.first.rem(p.outWidth));
  const rowOffset = f.i32(0);
  const offset = f.let(row.mul(p.strideWidth).shl(2));
  const last = f.let(block.pixels.sub(1));
  f.loop(0, block.panels.shl(3), 1, (i) => {
    f.store(to, offset);
    to.set(to.add(4));
    f.if(i.lt(last), () => {
      row.set(row.add(1));
      f.if(
        row.eq(p.outWidth),
        () => {
          row.set(I32.of(0));
          rowOffset.set(rowOffset.add(p.strideHeight.mul(p.rowBytes)));
          offset.set(rowOffset);
        },
        () => offset.set(offset.add(p.strideWidth.shl(2))),
      );
    });
  });
}

/**
 * Writes the columns of one channel: to[panel][k][8], `panelBytes` between panels, k over the taps. What lies behind the last pixel of
 * an image is a pixel again, or zero.
 */
export function emitChannelColumns(
  f: FunctionBuilder,
  p: Window & Blocking,
  block: Block,
  plane: I32,
  to: I32,
  panelBytes: I32,
): void {
  f.if(
    p.direct,
    () => emitDirectColumns(f, block, plane, to, panelBytes),
    () => {
      const firstRow = f.let(block.first.div(p.outWidth));
      const lastRow = f.let(block.first.add(block.pixels).sub(1).div(p.outWidth));
      const top = f.let(firstRow.mul(p.strideHeight).sub(p.padTop));
      const rows = f.let(
        lastRow.sub(firstRow).mul(p.strideHeight).add(p.kernelHeight.sub(1).mul(p.dilationHeight)).add(1),
      );
      const stage = f.let(block.stage);
      f.if(
        p.unpadded,
        () => stage.set(plane.add(top.mul(p.rowBytes))),
        () => emitStageRows(f, p, plane, top, rows, stage, p.rowBytes),
      );
      emitStagedColumns(f, p, { ...block, stage }, to, panelBytes);
    },
  );
}

export function emitDirectColumns(f: FunctionBuilder, block: Block, plane: I32, start: I32, panelBytes: I32): void {
  const from = f.let(plane.add(block.first.shl(2)));
  const to = f.let(start);
  f.loop(0, block.pixels.shr(3), 1, () => {
    f.store(to, F32x4.load(from));
    f.store(to, F32x4.load(from, 16), 16);
    from.set(from.add(32));
    to.set(to.add(panelBytes));
  });
  const left = f.let(block.pixels.and(7));
  f.if(left, () => {
    for (let j = 0; j < 8; j++) {
      const value = f.variable('f32');
      value.set(F32.of(0));
      f.if(left.gt(j), () => value.set(F32.load(from, 4 * j)));
      f.store(to, value, 4 * j);
    }
  });
}

function emitStagedColumns(f: FunctionBuilder, p: Window & Blocking, block: Block, start: I32, panelBytes: I32): void {
  const entry = f.let(block.table);
  const panel = f.let(start);
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const tapColumn = f.let(p.dilationWidth.shl(2));
  f.loop(0, block.panels, 1, () => {
    const offsets = Array.from({ length: 8 }, (_, i) => f.let(I32.load(entry, 4 * i)));
    const pointers = offsets.map((offset) => f.let(block.stage.add(offset)));
    // Fours of pixels that lie in one row are read as vectors.
    const reaches = [0, 4].map((i) => f.let(offsets[i + 3].sub(offsets[i])));
    const bothReach = (bytes: number): I32 => reaches[0].eq(bytes).and(reaches[1].eq(bytes));
    const to = f.let(panel);
    /** Runs over the taps; `gather` fills one vector pair from the tap's distance to the window's corner. */
    const taps = (gather: (distance: I32) => void): void => {
      const rowAt = f.i32(0);
      f.loop(0, p.kernelHeight, 1, () => {
        const at = f.let(rowAt);
        f.loop(0, p.kernelWidth, 1, () => {
          gather(at);
          to.set(to.add(32));
          at.set(at.add(tapColumn));
        });
        rowAt.set(rowAt.add(tapRow));
      });
    };
    f.if(
      bothReach(12),
      () =>
        taps((at) => {
          for (const half of [0, 4]) f.store(to, F32x4.load(pointers[half].add(at)), 4 * half);
        }),
      () =>
        f.if(
          bothReach(24).and(p.strideWidth.eq(2)),
          () =>
            taps((at) => {
              for (const half of [0, 4]) {
                const from = f.let(pointers[half].add(at));
                f.store(to, F32x4.load(from).shuffle(F32x4.load(from, 16), 0, 2, 4, 6), 4 * half);
              }
            }),
          () =>
            taps((at) => {
              const lanes = (i: number): F32x4 =>
                F32x4.loadOne(pointers[i].add(at))
                  .loadLane(pointers[i + 1].add(at), 1)
                  .loadLane(pointers[i + 2].add(at), 2)
                  .loadLane(pointers[i + 3].add(at), 3);
              f.store(to, lanes(0));
              f.store(to, lanes(4), 16);
            }),
        ),
    );
    entry.set(entry.add(32));
    panel.set(panel.add(panelBytes));
  });
}
