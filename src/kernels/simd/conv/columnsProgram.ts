import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { PANEL_GAP } from '../gemm/dots.js';
import {
  emitColumnTile,
  emitOverPanels,
  emitRepeatColumn,
  emitRowPanel,
  emitStore,
  emitTile,
  type Tile,
  tileRows,
} from '../gemm/tile.js';
import { blocking, emitBlock, emitChannelColumns, emitTable } from './columnBlocks.js';
import { defineScatter, scatterParameters } from './columnsScatterProgram.js';
import {
  defineReduction,
  defineWeightGradient,
  gradientsParameters,
  reduceParameters,
} from './columnsWeightProgram.js';
import { emitTileEpilogue, epilogue } from './epilogue.js';
import { windowParameters } from './window.js';

/** Convolution as a product of filters and columns (im2col), a block of pixels at a time, so that columns stay in the cache. */
const columns = new Program('columns', (module) => {
  defineConvolution(module);
  defineWeightGradient(module);
  defineReduction(module);
  defineScatter(module);
  defineBias(module);
});

export const gradients = columns.entry('gradients', gradientsParameters);
export const reduce = columns.entry('reduce', reduceParameters);
export const scatter = columns.entry('scatter', scatterParameters);

const convolveParameters = {
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
} as const;
export const convolve = columns.entry('convolve', convolveParameters);

/**
 * y = filters * columns. A unit is a block of pixels of one group of one image, times a range of the group's output channels.
 *
 * (1) the windows' places, (2) columns of some channels, (3) their product with the packed filters, added to y from the second time on,
 * and finished the last time.
 */
function defineConvolution(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  module.func('convolve', { ...convolveParameters, ...span }, (f, p) => {
    const all = f.let(p.outHeight.mul(p.outWidth));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const k = f.let(p.groupChannels.mul(taps));
    const stride = f.let(all.shl(2));
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
        const panelBytes = f.let(depth.shl(5).add(PANEL_GAP));
        f.loop(0, count, 1, (c) => {
          const channel = image.mul(p.channels).add(group.mul(p.groupChannels)).add(c0).add(c);
          const source = f.let(p.x.add(channel.mul(p.height.mul(p.width)).shl(2)));
          emitChannelColumns(f, p, block, source, f.let(block.columns.add(c.mul(taps).shl(5))), panelBytes);
        });
        // The last of an odd image's pixels is alone in its panel.
        const single = f.let(block.columns.add(block.panels.mul(panelBytes)));
        const hasSingle = f.let(R === 6 ? block.pixels.and(7).eq(1) : I32.of(0));
        f.if(hasSingle, () => emitRepeatColumn(f, single.sub(panelBytes), single, depth));
        const mode = f.let(c0.eq(0).select(p.mode, I32.of(1)));
        const isLast = f.let(c0.add(p.blockChannels).ge(p.groupChannels));
        f.loop(firstRow, endRow, R, (row) => {
          const line = f.let(out.add(row.mul(all).shl(2)));
          const finish = (sums: Tile, c: I32, stride: I32): void =>
            f.if(isLast, () => emitTileEpilogue(f, p, firstOut.add(row), sums, c, stride));
          emitRowPanel(f, R, p.groupOut.sub(row), { a: filters, row, k, k0: c0.mul(taps) }, (rows, a) => {
            emitOverPanels(f, block.columns, panelBytes, block.pixels, (b, panel) => {
              const c = f.let(line.add(panel.shl(5)));
              const columns = f.let(block.pixels.sub(panel.shl(3)));
              const store = (sums: Tile): void => emitStore(f, sums, c, stride, columns, mode, finish);
              const tile = (half: boolean): void => store(emitTile(f, rows, { a, b, k: depth, half }));
              if (rows < R || b.length > 1) {
                tile(false);
                return;
              }
              const narrow = (): void => {
                if (R !== 6) tile(true);
                else
                  f.if(
                    columns.eq(1),
                    () => store(emitColumnTile(f, { a, b: single, k: depth })),
                    () => tile(true),
                  );
              };
              f.if(columns.gt(4), () => tile(false), narrow);
            });
          });
        });
      });
    });
  });
}

const biasParameters = { db: 'i32', dy: 'i32', batch: 'i32', channels: 'i32', pixels: 'i32' } as const;
export const bias = columns.entry('bias', biasParameters);

/** db[o] += sum of dy[n][o] over images and pixels: a plane in four vectors of lanes, planes in a double. A unit is a channel. */
function defineBias(module: ModuleBuilder): void {
  module.func('bias', { ...biasParameters, ...span }, (f, p) => {
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
