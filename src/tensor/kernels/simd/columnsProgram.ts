import type { FunctionBuilder } from '../wasm/function.js';
import type { ModuleBuilder } from '../wasm/module.js';
import { Program } from '../wasm/program.js';
import { F32, F64, I32 } from '../wasm/scalars.js';
import { span } from '../wasm/span.js';
import { F32x4 } from '../wasm/vectors.js';
import {
  type Block,
  type Blocking,
  blocking,
  emitBlock,
  emitChannelColumns,
  emitDirectColumns,
  emitTable,
} from './columnBlocks.js';
import { emitDots, PANEL_GAP, ROWS } from './dots.js';
import { emitTileEpilogue, epilogue } from './epilogue.js';
import { emitPanelProduct, tileRows } from './gemmProgram.js';
import { type Window, windowParameters } from './window.js';
import { transpose4 } from './winogradScheme.js';

/** Convolution as a product of filters and columns (im2col), a block of pixels at a time, so that columns stay in the cache. */
export const columns = new Program('columns', (module) => {
  defineConvolution(module);
  defineWeightGradient(module);
  defineReduction(module);
  defineScatter(module);
  defineBias(module);
});

/**
 * y = filters * columns. A unit is a block of pixels of one group of one image, times a range of the group's output channels.
 *
 * (1) the windows' places, (2) columns of some channels, (3) their product with the packed filters, added to y from the second time on,
 * and finished the last time.
 */
function defineConvolution(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  const parameters = {
    y: 'i32',
    x: 'i32',
    a: 'i32',
    mode: 'i32',
    /** Ranges of a group's output channels, and their length, a multiple of the tile's rows. */
    ranges: 'i32',
    rangeOut: 'i32',
    ...epilogue,
    ...windowParameters,
    ...blocking,
    ...span,
  } as const;
  module.func('convolve', parameters, (f, p) => {
    const all = f.let(p.outHeight.mul(p.outWidth));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const k = f.let(p.groupChannels.mul(taps));
    f.loop(p.begin, p.end, 1, (unit) => {
      const index = f.let(unit.div(p.ranges));
      const firstRow = f.let(unit.sub(index.mul(p.ranges)).mul(p.rangeOut));
      const endRow = f.let(firstRow.add(p.rangeOut).min(p.groupOut));
      const plane = f.let(index.div(p.blocks));
      const image = f.let(plane.div(p.groups));
      const group = f.let(plane.sub(image.mul(p.groups)));
      const block = emitBlock(f, p, p.thread, image, group, index.sub(plane.mul(p.blocks)));
      emitTable(f, p, block);
      const firstOut = f.let(group.mul(p.groupOut));
      const filters = f.let(p.a.add(firstOut.mul(k).shl(2)));
      const out = f.let(p.y.add(image.mul(p.outChannels).add(firstOut).mul(all).add(block.first).shl(2)));
      // Without any input channel the product still runs once, over nothing, and writes what the epilogue makes of zeros.
      f.loop(0, p.groupChannels.max(1), p.blockChannels, (c0) => {
        const count = f.let(p.groupChannels.sub(c0).min(p.blockChannels));
        const depth = f.let(count.mul(taps));
        const panelBytes = f.let(depth.shl(5));
        f.loop(0, count, 1, (c) => {
          const channel = image.mul(p.channels).add(group.mul(p.groupChannels)).add(c0).add(c);
          const source = f.let(p.x.add(channel.mul(p.height.mul(p.width)).shl(2)));
          emitChannelColumns(f, p, block, source, f.let(block.columns.add(c.mul(taps).shl(5))), panelBytes);
        });
        const mode = f.let(c0.eq(0).select(p.mode, I32.of(1)));
        const isLast = f.let(c0.add(p.blockChannels).ge(p.groupChannels));
        f.loop(firstRow, endRow, R, (row) => {
          const b = f.let(block.columns);
          f.loop(0, block.pixels, 8, (pixel) => {
            emitPanelProduct(f, R, p.groupOut.sub(row), {
              a: filters,
              row,
              k,
              k0: c0.mul(taps),
              b,
              depth,
              c: out.add(row.mul(all).add(pixel).shl(2)),
              stride: all.shl(2),
              columns: block.pixels.sub(pixel),
              mode,
              finish: (sums) => f.if(isLast, () => emitTileEpilogue(f, p, firstOut.add(row), sums)),
            });
            b.set(b.add(panelBytes));
          });
        });
      });
    });
  });
}

/**
 * Partial gradients of filters: partial[chunk][group][o / 4][k][4]. A unit is a chunk of blocks times a range of one group's output channels;
 * chunks are fixed by the shapes, so the sums do not depend on the number of threads. A block is a part of an image, or several small images.
 *
 * (1, 2) columns as for the convolution, (3) dy in the same panels, (4) dot products over the pixels.
 */
function defineWeightGradient(module: ModuleBuilder): void {
  const parameters = {
    partial: 'i32',
    dy: 'i32',
    x: 'i32',
    batch: 'i32',
    chunks: 'i32',
    allBlocks: 'i32',
    /** Images of a block. */
    images: 'i32',
    /** Ranges of a group's output channels, and their length, a multiple of four. */
    ranges: 'i32',
    rangeOut: 'i32',
    ...windowParameters,
    ...blocking,
    ...span,
  } as const;
  module.func('gradients', parameters, (f, p) => {
    const all = f.let(p.outHeight.mul(p.outWidth));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const slotsK = f.let(p.groupChannels.mul(taps).add(1).and(-2));
    const slotsO = f.let(p.groupOut.add(ROWS - 1).and(-ROWS));
    const partialBytes = f.let(slotsK.mul(slotsO).shl(2));
    f.loop(p.begin, p.end, 1, (unit) => {
      const groupUnit = f.let(unit.div(p.ranges));
      const chunk = f.let(groupUnit.div(p.groups));
      const group = f.let(groupUnit.sub(chunk.mul(p.groups)));
      const firstO = f.let(unit.sub(groupUnit.mul(p.ranges)).mul(p.rangeOut));
      const endO = f.let(firstO.add(p.rangeOut).min(p.groupOut));
      const rows = f.let(
        endO
          .sub(firstO)
          .add(ROWS - 1)
          .and(-ROWS),
      );
      const rowBytes = f.let(rows.shl(5).add(PANEL_GAP));
      const sums = f.let(p.partial.add(groupUnit.mul(partialBytes)).add(firstO.mul(slotsK).shl(2)));
      const firstBlock = f.let(chunk.mul(p.allBlocks).div(p.chunks));
      f.loop(firstBlock, chunk.add(1).mul(p.allBlocks).div(p.chunks), 1, (index) => {
        const step = f.let(index.div(p.blocks));
        const firstImage = f.let(step.mul(p.images));
        const images = f.let(p.batch.sub(firstImage).min(p.images));
        const block = emitBlock(f, p, p.thread, firstImage, group, index.sub(step.mul(p.blocks)));
        emitTable(f, p, block);
        const dy = f.let(block.columns);
        f.loop(0, images, 1, (i) => {
          const firstOut = f.let(firstImage.add(i).mul(p.outChannels).add(group.mul(p.groupOut)));
          f.loop(0, rows, 1, (row) => {
            const o = f.let(firstO.add(row).min(endO.sub(1)));
            const plane = f.let(p.dy.add(firstOut.add(o).mul(all).shl(2)));
            emitDirectColumns(f, block, plane, f.let(dy.add(row.shl(5))), rowBytes);
          });
          dy.set(dy.add(block.panels.mul(rowBytes)));
        });
        const columns = f.let(dy);
        f.loop(0, p.groupChannels, p.blockChannels, (c0) => {
          const count = f.let(p.groupChannels.sub(c0).min(p.blockChannels));
          const depth = f.let(count.mul(taps).add(1).and(-2));
          const panelBytes = f.let(depth.shl(5).add(PANEL_GAP));
          const to = f.let(columns);
          f.loop(0, images, 1, (i) => {
            const image = f.let(firstImage.add(i).mul(p.channels).add(group.mul(p.groupChannels)).add(c0));
            f.loop(0, count, 1, (c) => {
              const source = f.let(p.x.add(image.add(c).mul(p.height.mul(p.width)).shl(2)));
              emitChannelColumns(f, p, block, source, f.let(to.add(c.mul(taps).shl(5))), panelBytes);
            });
            to.set(to.add(block.panels.mul(panelBytes)));
          });
          emitDots(f, {
            a: { at: block.columns, tile: I32.of(32 * ROWS), panel: rowBytes },
            rows,
            b: { at: columns, tile: I32.of(64), panel: panelBytes },
            columns: depth,
            panels: f.let(images.mul(block.panels)),
            adds: f.let(index.ne(firstBlock)),
            sums: f.let(sums.add(c0.mul(taps).shl(4))),
            groupBytes: f.let(slotsK.shl(4)),
          });
        });
      });
    });
  });
}

/** dw[o][k] += sum over chunks, in their order, of partial[chunk][group][o / 4][k][4]. A unit is four output channels of a group. */
function defineReduction(module: ModuleBuilder): void {
  const parameters = {
    dw: 'i32',
    partial: 'i32',
    chunks: 'i32',
    groups: 'i32',
    groupOut: 'i32',
    k: 'i32',
    ...span,
  } as const;
  module.func('reduce', parameters, (f, p) => {
    const fours = f.let(p.groupOut.add(ROWS - 1).shr(2));
    const fourBytes = f.let(p.k.add(1).and(-2).shl(4));
    const chunkBytes = f.let(fours.mul(fourBytes).mul(p.groups));
    f.loop(p.begin, p.end, 1, (unit) => {
      const group = f.let(unit.div(fours));
      const o = f.let(unit.sub(group.mul(fours)).mul(ROWS));
      const from = f.let(p.partial.add(unit.mul(fourBytes)));
      const to = f.let(p.dw.add(group.mul(p.groupOut).add(o).mul(p.k).shl(2)));
      const sumAt = (offset: number): F32x4 => {
        const sum = f.let(F32x4.load(from, offset));
        const at = f.let(from);
        f.loop(1, p.chunks, 1, () => {
          at.set(at.add(chunkBytes));
          sum.set(sum.add(F32x4.load(at, offset)));
        });
        return sum;
      };
      const inRows = (write: (row: number, at: I32) => void): void => {
        for (let row = 0; row < ROWS; row++) {
          f.if(o.add(row).lt(p.groupOut), () => write(row, f.let(to.add(p.k.mul(row).shl(2)))));
        }
      };
      f.loop(0, p.k.shr(2), 1, () => {
        const turned = transpose4(
          f,
          [0, 16, 32, 48].map((offset) => sumAt(offset)),
        );
        inRows((row, at) => f.store(at, F32x4.load(at).add(turned[row])));
        from.set(from.add(64));
        to.set(to.add(16));
      });
      f.loop(0, p.k.and(3), 1, () => {
        const sum = sumAt(0);
        inRows((row, at) => f.store(at, F32.load(at).add(sum.lane(row as 0 | 1 | 2 | 3))));
        from.set(from.add(16));
        to.set(to.add(4));
      });
    });
  });
}

/**
 * dx += the columns' gradients (filters^T dy), each put back where its pixel came from (col2im): the input gradient at stride > 1.
 * A unit is a range of input channels of one group of one image: no two units write to one place.
 */
function defineScatter(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  const parameters = {
    dx: 'i32',
    dy: 'i32',
    a: 'i32',
    ranges: 'i32',
    rangeChannels: 'i32',
    ...windowParameters,
    ...blocking,
    ...span,
  } as const;
  module.func('scatter', parameters, (f, p) => {
    const all = f.let(p.outHeight.mul(p.outWidth));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    f.loop(p.begin, p.end, 1, (unit) => {
      const plane = f.let(unit.div(p.ranges));
      const c0 = f.let(unit.sub(plane.mul(p.ranges)).mul(p.rangeChannels));
      const count = f.let(p.groupChannels.sub(c0).min(p.rangeChannels));
      const image = f.let(plane.div(p.groups));
      const group = f.let(plane.sub(image.mul(p.groups)));
      const rows = f.let(count.mul(taps));
      // Filters are packed a range at a time: range r begins where r * rangeChannels * taps rows end.
      const filters = f.let(p.a.add(group.mul(p.groupChannels).add(c0).mul(taps).mul(p.groupOut).shl(2)));
      const target = f.let(
        p.dx.add(image.mul(p.channels).add(group.mul(p.groupChannels)).add(c0).mul(p.height.mul(p.width)).shl(2)),
      );
      f.loop(0, p.blocks, 1, (index) => {
        const block = emitBlock(f, p, p.thread, image, group, index);
        const panelBytes = f.let(p.groupOut.shl(5));
        f.loop(0, p.groupOut, 1, (o) => {
          const source = f.let(p.dy.add(image.mul(p.outChannels).add(group.mul(p.groupOut)).add(o).mul(all).shl(2)));
          emitDirectColumns(f, block, source, f.let(block.stage.add(o.shl(5))), panelBytes);
        });
        const stride = f.let(p.blockPixels.shl(2));
        f.loop(0, rows, R, (row) => {
          const b = f.let(block.stage);
          f.loop(0, block.pixels, 8, (pixel) => {
            emitPanelProduct(f, R, rows.sub(row), {
              a: filters,
              row,
              k: p.groupOut,
              k0: I32.of(0),
              b,
              depth: p.groupOut,
              c: block.columns.add(row.mul(stride)).add(pixel.shl(2)),
              stride,
              columns: I32.of(8),
              mode: I32.of(0),
            });
            b.set(b.add(panelBytes));
          });
        });
        emitPutBack(f, p, block, target, count, stride);
      });
    });
  });
}

/** dx[c][h][w] += column[c, r, s][pixel] for the pixels of a block whose window reaches (h, w). */
function emitPutBack(
  f: FunctionBuilder,
  p: Window & Blocking,
  block: Block,
  target: I32,
  count: I32,
  stride: I32,
): void {
  const row = f.let(block.columns);
  const firstP = f.let(block.first.div(p.outWidth));
  const firstQ = f.let(block.first.sub(firstP.mul(p.outWidth)));
  f.loop(0, count, 1, (c) => {
    const plane = f.let(target.add(c.mul(p.height.mul(p.width)).shl(2)));
    f.loop(0, p.kernelHeight, 1, (r) => {
      f.loop(0, p.kernelWidth, 1, (s) => {
        const from = f.let(row);
        const end = f.let(row.add(block.pixels.shl(2)));
        const h = f.let(firstP.mul(p.strideHeight).add(r.mul(p.dilationHeight)).sub(p.padTop));
        const shift = f.let(s.mul(p.dilationWidth).sub(p.padLeft));
        const q = f.let(firstQ);
        f.while(
          () => from.below(end),
          () => {
            const inRow = f.let(p.outWidth.sub(q).min(end.sub(from).shr(2)));
            f.if(h.ge(0).and(h.lt(p.height)), () => {
              const line = f.let(plane.add(h.mul(p.width).shl(2)));
              const w = f.let(q.mul(p.strideWidth).add(shift));
              const at = f.let(from);
              f.loop(0, inRow, 1, () => {
                f.if(w.below(p.width), () => {
                  const to = f.let(line.add(w.shl(2)));
                  f.store(to, F32.load(to).add(F32.load(at)));
                });
                w.set(w.add(p.strideWidth));
                at.set(at.add(4));
              });
            });
            from.set(from.add(inRow.shl(2)));
            h.set(h.add(p.strideHeight));
            q.set(I32.of(0));
          },
        );
        row.set(row.add(stride));
      });
    });
  });
}

/** db[o] += sum of dy[n][o] over images and pixels: a plane in four vectors of lanes, planes in a double. A unit is a channel. */
function defineBias(module: ModuleBuilder): void {
  const parameters = { db: 'i32', dy: 'i32', batch: 'i32', channels: 'i32', pixels: 'i32', ...span } as const;
  module.func('bias', parameters, (f, p) => {
    const lanes = [0, 1, 2, 3].map(() => f.variable('f32x4'));
    const total = f.variable('f64');
    const sixteens = f.let(p.pixels.and(-16).shl(2));
    f.loop(p.begin, p.end, 1, (o) => {
      total.set(F64.of(0));
      f.loop(0, p.batch, 1, (image) => {
        const plane = f.let(p.dy.add(image.mul(p.channels).add(o).mul(p.pixels).shl(2)));
        for (const sum of lanes) sum.set(F32x4.of(0));
        f.loop(0, sixteens, 64, (at) => {
          for (const [i, sum] of lanes.entries()) sum.set(sum.add(F32x4.load(plane.add(at), 16 * i)));
        });
        const sum = f.let(lanes[0].add(lanes[1]).add(lanes[2].add(lanes[3])));
        total.set(
          total.add(
            sum
              .lane(0)
              .add(sum.lane(1))
              .add(sum.lane(2).add(sum.lane(3)))
              .toF64(),
          ),
        );
        f.loop(sixteens, p.pixels.shl(2), 4, (at) => total.set(total.add(F32.load(plane.add(at)).toF64())));
      });
      const to = f.let(p.db.add(o.shl(2)));
      f.store(to, F32.load(to).toF64().add(total).toF32());
    });
  });
}
