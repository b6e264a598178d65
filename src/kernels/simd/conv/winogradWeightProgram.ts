import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { emitDots, ROWS } from '../gemm/dots.js';
import { type Block, type Common, common, emitInputs, forEachBlock, POSITION_GAP } from './winogradBlocks.js';
import { type GradientScheme, transform2d } from './winogradScheme.js';
import { emitLoadTiles, emitStageIn, emitTileTable } from './winogradTiles.js';

export const gradientsParameters = {
  du: 'i32',
  dy: 'i32',
  x: 'i32',
  chunks: 'i32',
  ranges: 'i32',
  rangeChannels: 'i32',
  blocks: 'i32',
  ...common,
} as const;

/**
 * Partial gradients of the transformed filters: du[chunk][position][o / 4][c][4]. A unit is a chunk of blocks times a range of output channels;
 * chunks are fixed by the shapes alone, so the sums do not depend on the number of threads.
 *
 * (1, 2) transform x as for the convolution, (3) transform dy by A, (4) sum products over tiles as dot products of vectors.
 */
export function defineWeightGradient(module: ModuleBuilder, scheme: GradientScheme): void {
  const { size, m, outputGradient } = scheme;
  module.func('gradients', { ...gradientsParameters, ...span }, (f, p) => {
    const slotsC = f.let(p.channels.add(1).and(-2));
    const slotsO = f.let(p.outChannels.add(ROWS - 1).and(-ROWS));
    const positionBytes = f.let(slotsC.mul(slotsO).shl(2).add(POSITION_GAP));
    f.loop(p.begin, p.end, 1, (unit) => {
      const chunk = f.let(unit.div(p.ranges));
      const firstO = f.let(unit.sub(chunk.mul(p.ranges)).mul(p.rangeChannels));
      const endO = f.let(firstO.add(p.rangeChannels).min(p.outChannels));
      const rangeSlots = f.let(
        endO
          .sub(firstO)
          .add(ROWS - 1)
          .and(-ROWS),
      );
      const du = f.let(p.du.add(chunk.mul(size * size).mul(positionBytes)).add(firstO.mul(slotsC).shl(2)));
      const first = f.let(chunk.mul(p.blocks).div(p.chunks));
      const last = f.let(chunk.add(1).mul(p.blocks).div(p.chunks));
      forEachBlock(f, p, p.thread, first, last, (block) => {
        const spare = f.let(block.tiles.rows.mul(p.segmentBytes));
        emitTileTable(f, block.table, block.tiles, block.stage, 4 * m, spare);
        emitSpareTile(f, block.stage, spare, size);
        // inputs[position][c / 2][panel][2][8], and dy's tiles [position][o / 4][panel][4][8]: what a tile of dot products reads lies together.
        emitInputs(f, scheme, p, p.x, block, (c, t) =>
          c.shr(1).mul(block.panels).add(t.shr(3)).shl(1).add(c.and(1)).shl(5).add(t.and(4).shl(2)),
        );
        f.loop(firstO, firstO.add(rangeSlots), 1, (o) => {
          const planes = {
            pointer: p.dy,
            channels: p.outChannels,
            channel: o.min(endO.sub(1)),
            height: p.outHeight,
            width: p.outWidth,
            padTop: I32.of(0),
            padLeft: I32.of(0),
          };
          emitStageIn(f, block.stage, block.tiles, planes, m, m);
          f.loop(0, block.slots, 4, (t) => {
            const patch = emitLoadTiles(f, block.stage, f.let(block.table.add(t.shl(2))), m, m);
            const row = f.let(o.sub(firstO));
            const at = row.shr(2).mul(block.panels).add(t.shr(3)).shl(2).add(row.and(3)).shl(5).add(t.and(4).shl(2));
            const to = f.let(block.products.add(at));
            for (const v of transform2d(f, outputGradient, patch).flat()) {
              f.store(to, v);
              to.set(to.add(p.productStride));
            }
          });
        });
        emitPositionDots(f, size * size, p, block, {
          adds: block.index.ne(first),
          du,
          positionBytes,
          slotsC,
          rangeSlots,
        });
      });
    });
  });
}

interface Partial {
  /** 0 for the first block of a chunk: it replaces what the workspace holds. */
  adds: I32;
  du: I32;
  positionBytes: I32;
  slotsC: I32;
  rangeSlots: I32;
}

/** The tile that fills up the last eight: zeros in x and dy alike, so that it adds nothing. */
function emitSpareTile(f: FunctionBuilder, stage: Block['stage'], spare: I32, rows: number): void {
  const zero = f.let(F32x4.of(0));
  const to = f.let(stage.base.add(spare));
  for (let r = 0; r < rows; r++) {
    f.store(to, zero);
    f.store(to, zero, 16);
    to.set(to.add(stage.rowBytes));
  }
}

/** Step (4): du[position][o / 4][c][4] += sums over tiles of products * inputs. */
function emitPositionDots(
  f: FunctionBuilder,
  positions: number,
  p: Common,
  block: Block,
  { adds, du, positionBytes, slotsC, rangeSlots }: Partial,
): void {
  const inputs = f.let(block.inputs);
  const products = f.let(block.products);
  const target = f.let(du);
  f.loop(0, positions, 1, () => {
    emitDots(f, {
      a: { at: products, tile: block.panels.shl(7), panel: I32.of(128) },
      rows: rangeSlots,
      b: { at: inputs, tile: block.panels.shl(6), panel: I32.of(64) },
      columns: slotsC,
      panels: block.panels,
      adds,
      sums: target,
      groupBytes: slotsC.shl(4),
    });
    inputs.set(inputs.add(p.inputStride));
    products.set(products.add(p.productStride));
    target.set(target.add(positionBytes));
  });
}

export const reduceParameters = { dw: 'i32', du: 'i32', chunks: 'i32', channels: 'i32', outChannels: 'i32' } as const;

/** dw += G^T du G, du summed over the chunks in their order. A unit is four output channels. */
export function defineWeightReduction(module: ModuleBuilder, { size, filterGradient }: GradientScheme): void {
  module.func('reduce', { ...reduceParameters, ...span }, (f, p) => {
    const slotsC = f.let(p.channels.add(1).and(-2));
    const slotsO = f.let(p.outChannels.add(ROWS - 1).and(-ROWS));
    const positionBytes = f.let(slotsC.mul(slotsO).shl(2).add(POSITION_GAP));
    const chunkBytes = f.let(positionBytes.mul(size * size));
    f.loop(p.begin, p.end, 1, (o4) => {
      f.loop(0, p.channels, 1, (c) => {
        const from = f.let(p.du.add(o4.mul(slotsC).add(c).shl(4)));
        const sums = Array.from({ length: size }, () =>
          Array.from({ length: size }, () => {
            const sum = f.let(F32x4.load(from));
            const next = f.let(from);
            f.loop(1, p.chunks, 1, () => {
              next.set(next.add(chunkBytes));
              sum.set(sum.add(F32x4.load(next)));
            });
            from.set(from.add(positionBytes));
            return sum;
          }),
        );
        const taps = transform2d(f, filterGradient, sums).flat();
        for (let lane = 0; lane < ROWS; lane++) {
          const o = f.let(o4.shl(2).add(lane));
          f.if(o.lt(p.outChannels), () => {
            const to = f.let(p.dw.add(o.mul(p.channels).add(c).mul(36)));
            taps.forEach((tap, i) => {
              const value = tap.lane(lane).add(F32x4.loadOne(to, 4 * i).lane(0));
              f.store(to, value, 4 * i);
            });
          });
        }
      });
    });
  });
}
