import type { ModuleBuilder } from '../../../wasm/module.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitDots, PANEL_GAP, ROWS } from '../gemm/dots.js';
import { blocking, emitBlock, emitChannelColumns, emitDirectColumns, emitTable } from './columnBlocks.js';
import { windowParameters } from './window.js';
import { transpose4 } from './winogradScheme.js';

export const gradientsParameters = {
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
} as const;

/**
 * Partial gradients of filters: partial[chunk][group][o / 4][k][4]. A unit is a chunk of blocks times a range of one group's output channels;
 * chunks are fixed by the shapes, so the sums do not depend on the number of threads. A block is a part of an image, or several small images.
 *
 * (1, 2) columns as for the convolution, (3) dy in the same panels, (4) dot products over the pixels.
 */
export function defineWeightGradient(module: ModuleBuilder): void {
  module.func('gradients', { ...gradientsParameters, ...span }, (f, p) => {
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

export const reduceParameters = {
  dw: 'i32',
  partial: 'i32',
  chunks: 'i32',
  groups: 'i32',
  groupOut: 'i32',
  k: 'i32',
} as const;

/** dw[o][k] += sum over chunks, in their order, of partial[chunk][group][o / 4][k][4]. A unit is four output channels of a group. */
export function defineReduction(module: ModuleBuilder): void {
  module.func('reduce', { ...reduceParameters, ...span }, (f, p) => {
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
