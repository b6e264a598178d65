import type { FunctionBuilder, Variable } from '../wasm/function.js';
import type { ModuleBuilder } from '../wasm/module.js';
import { Program } from '../wasm/program.js';
import { I32 } from '../wasm/scalars.js';
import { span } from '../wasm/span.js';
import { F32x4 } from '../wasm/vectors.js';
import { emitDots, ROWS } from './dots.js';
import { emitTile } from './tile.js';
import { F2, F4, type Scheme, transform2d } from './winogradScheme.js';
import { emitLoadTiles, emitStageIn, emitStageOut, emitStoreTiles, emitTileTable } from './winogradTiles.js';

/**
 * Bytes between the arrays of neighbouring positions: without them arrays of a power of two would all lie in one set of the cache, and the
 * transforms, which write to all positions in turn, would wait for memory.
 */
export const POSITION_GAP = 64;

/** Shapes and scratch layout, in this order, of both functions that walk over blocks of tiles. */
const common = {
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
  /** Bytes between the transformed inputs of neighbouring positions, and between the products. */
  inputStride: 'i32',
  productsAt: 'i32',
  productStride: 'i32',
} as const;

type Common = { [K in keyof typeof common]: Variable<'i32'> };

/** One program a scheme and direction, so that nothing is built before it is used: the transforms are long when unrolled. */
function programs(
  pass: string,
  define: (module: ModuleBuilder, scheme: Scheme) => void,
): Record<Scheme['name'], Program> {
  const program = (scheme: Scheme): Program =>
    new Program(`winograd ${scheme.name} ${pass}`, (module) => define(module, scheme));
  return { f2: program(F2), f4: program(F4) };
}

/** `filters` and `convolve`, which serve the forward pass and the input gradient. */
export const winogradConvolution = programs('convolution', (module, scheme) => {
  defineFilters(module, scheme);
  defineConvolution(module, scheme);
});

/** `gradients` and `reduce`, which make the weight gradient. */
export const winogradWeights = programs('weight gradient', (module, scheme) => {
  defineWeightGradient(module, scheme);
  defineWeightReduction(module, scheme);
});

/**
 * u[position][o / 4][c][4] = G g G^T for the filters of four output channels at once. Strides in bytes; `tapStep` -4 with `firstTap`
 * 32 turns the filters by 180 degrees. A unit is four output channels.
 */
function defineFilters(module: ModuleBuilder, { filter }: Scheme): void {
  const parameters = {
    u: 'i32',
    w: 'i32',
    outChannels: 'i32',
    channels: 'i32',
    outStride: 'i32',
    inStride: 'i32',
    firstTap: 'i32',
    tapStep: 'i32',
    ...span,
  } as const;
  module.func('filters', parameters, (f, p) => {
    const positionBytes = f.let(
      p.outChannels
        .add(ROWS - 1)
        .shr(2)
        .mul(p.channels)
        .shl(4)
        .add(POSITION_GAP),
    );
    f.loop(p.begin, p.end, 1, (o4) => {
      // Rows past the last channel repeat it: their products are never read.
      const last = f.let(p.outChannels.sub(1));
      const rows = [0, 1, 2, 3].map((i) => f.let(p.w.add(p.firstTap).add(o4.shl(2).add(i).min(last).mul(p.outStride))));
      const to = f.let(p.u.add(o4.mul(p.channels).shl(4)));
      f.loop(0, p.channels, 1, () => {
        const taps = [0, 1, 2].map((r) =>
          [0, 1, 2].map((s) => {
            const at = rows.map((row) => row.add(p.tapStep.mul(3 * r + s)));
            return f.let(F32x4.loadOne(at[0]).loadLane(at[1], 1).loadLane(at[2], 2).loadLane(at[3], 3));
          }),
        );
        const out = f.let(to);
        for (const row of transform2d(f, filter, taps)) {
          for (const v of row) {
            f.store(out, v);
            out.set(out.add(positionBytes));
          }
        }
        for (const row of rows) row.set(row.add(p.inStride));
        to.set(to.add(16));
      });
    });
  });
}

/** Walks over the blocks of tile rows [begin, end) and gives each one's pointers to `body`. */
function forEachBlock(
  f: FunctionBuilder,
  p: Common,
  thread: I32,
  begin: I32,
  end: I32,
  body: (block: {
    tiles: { tileRows: I32; tileColumns: I32; firstRow: I32; rows: I32 };
    stage: { base: I32; rowBytes: I32; segmentBytes: I32 };
    table: I32;
    inputs: I32;
    products: I32;
    index: I32;
    /** Tiles rounded up to eight, and how many eights. */
    slots: I32;
    panels: I32;
  }) => void,
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

type Block = Parameters<Parameters<typeof forEachBlock>[5]>[0];

/** Steps (1) and (2): stages each channel of x and writes B^T d B of its tiles to inputs[position][panel][c][8]. */
function emitInputs(f: FunctionBuilder, scheme: Scheme, p: Common, x: I32, block: Block, channelSlots: I32): void {
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
      const at = t.shr(3).mul(channelSlots).add(c).shl(5).add(t.and(4).shl(2));
      const to = f.let(block.inputs.add(at));
      for (const v of transform2d(f, scheme.input, patch).flat()) {
        f.store(to, v);
        to.set(to.add(p.inputStride));
      }
    });
  });
}

/**
 * y = conv(x, w) for 3x3 filters at stride 1, from transformed filters u. A unit is a block of tile rows.
 *
 * (1) stage a channel, (2) transform its tiles, (3) multiply position by position, (4) transform back, (5) write the rows.
 */
function defineConvolution(module: ModuleBuilder, scheme: Scheme): void {
  const { size, output, m } = scheme;
  const parameters = { y: 'i32', x: 'i32', u: 'i32', bias: 'i32', accumulate: 'i32', ...common, ...span } as const;
  module.func('convolve', parameters, (f, p) => {
    forEachBlock(f, p, p.thread, p.begin, p.end, (block) => {
      emitTileTable(f, block.table, block.tiles, block.stage, 4 * m, I32.of(0));
      emitInputs(f, scheme, p, p.x, block, p.channels);
      emitProducts(f, size * size, p, p.u, block);
      f.loop(0, p.outChannels, 1, (o) => {
        const outSlots = f.let(p.outChannels.add(ROWS - 1).and(-ROWS));
        f.loop(0, block.slots, 4, (t) => {
          const from = f.let(block.products.add(t.shr(3).mul(outSlots).add(o).shl(5).add(t.and(4).shl(2))));
          const products = Array.from({ length: size }, () =>
            Array.from({ length: size }, () => {
              const v = f.let(F32x4.load(from));
              from.set(from.add(p.productStride));
              return v;
            }),
          );
          emitStoreTiles(f, block.stage, f.let(block.table.add(t.shl(2))), transform2d(f, output, products));
        });
        const start = f.let(F32x4.of(0));
        f.if(p.bias.ne(0), () => start.set(F32x4.splat(p.bias.add(o.shl(2)))));
        const zero = I32.of(0);
        const planes = {
          pointer: p.y,
          channels: p.outChannels,
          channel: o,
          height: p.outHeight,
          width: p.outWidth,
          padTop: zero,
          padLeft: zero,
        };
        emitStageOut(f, block.stage, block.tiles, planes, m, { accumulate: p.accumulate, start });
      });
    });
  });
}

/** Step (3): products[position][panel][o][8] = sum over c of u[position][o][c] * inputs[position][panel][c][8]. */
function emitProducts(f: FunctionBuilder, positions: number, p: Common, u: I32, block: Block): void {
  const groups = f.let(p.outChannels.add(ROWS - 1).shr(2));
  const a = f.let(u);
  const inputs = f.let(block.inputs);
  const products = f.let(block.products);
  f.loop(0, positions, 1, () => {
    f.loop(0, groups, 1, (group) => {
      const b = f.let(inputs);
      const to = f.let(products.add(group.shl(7)));
      f.loop(0, block.panels, 1, () => {
        const sums = emitTile(f, ROWS, { a, b, k: p.channels });
        for (const [r, row] of sums.entries()) for (const half of [0, 1]) f.store(to, row[half], 32 * r + 16 * half);
        b.set(b.add(p.channels.shl(5)));
        to.set(to.add(groups.shl(7)));
      });
      a.set(a.add(p.channels.shl(4)));
    });
    a.set(a.add(POSITION_GAP));
    inputs.set(inputs.add(p.inputStride));
    products.set(products.add(p.productStride));
  });
}

/**
 * Partial gradients of the transformed filters: du[chunk][position][c][o]. A unit is a chunk of blocks times a range of output channels;
 * chunks are fixed by the shapes alone, so the sums do not depend on the number of threads.
 *
 * (1, 2) transform x as for the convolution, (3) transform dy by A, (4) sum products over tiles as dot products of vectors.
 */
function defineWeightGradient(module: ModuleBuilder, scheme: Scheme): void {
  const { size, m, outputGradient } = scheme;
  const parameters = {
    du: 'i32',
    dy: 'i32',
    x: 'i32',
    chunks: 'i32',
    ranges: 'i32',
    rangeChannels: 'i32',
    blocks: 'i32',
    ...common,
    ...span,
  } as const;
  module.func('gradients', parameters, (f, p) => {
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
      const du = f.let(p.du.add(chunk.mul(size * size).mul(positionBytes)).add(firstO.shl(2)));
      const first = f.let(chunk.mul(p.blocks).div(p.chunks));
      const last = f.let(chunk.add(1).mul(p.blocks).div(p.chunks));
      forEachBlock(f, p, p.thread, first, last, (block) => {
        const spare = f.let(block.tiles.rows.mul(p.segmentBytes));
        emitTileTable(f, block.table, block.tiles, block.stage, 4 * m, spare);
        emitSpareTile(f, block.stage, spare, size);
        emitInputs(f, scheme, p, p.x, block, slotsC);
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
            const at = t.shr(3).mul(rangeSlots).add(o.sub(firstO)).shl(5).add(t.and(4).shl(2));
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
          slotsO,
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
  slotsO: I32;
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

/** Step (4): du[position][c][o..o+3] += sum over tiles of products[position][panel][o][8] * inputs[position][panel][c][8]. */
function emitPositionDots(
  f: FunctionBuilder,
  positions: number,
  p: Common,
  block: Block,
  { adds, du, positionBytes, slotsC, slotsO, rangeSlots }: Partial,
): void {
  const inputs = f.let(block.inputs);
  const products = f.let(block.products);
  const target = f.let(du);
  f.loop(0, positions, 1, () => {
    emitDots(f, {
      a: products,
      rows: rangeSlots,
      b: inputs,
      columns: slotsC,
      panels: block.panels,
      adds,
      sums: target,
      stride: slotsO.shl(2),
    });
    inputs.set(inputs.add(p.inputStride));
    products.set(products.add(p.productStride));
    target.set(target.add(positionBytes));
  });
}

/** dw += G^T du G, du summed over the chunks in their order. A unit is four output channels. */
function defineWeightReduction(module: ModuleBuilder, { size, filterGradient }: Scheme): void {
  const parameters = { dw: 'i32', du: 'i32', chunks: 'i32', channels: 'i32', outChannels: 'i32', ...span } as const;
  module.func('reduce', parameters, (f, p) => {
    const slotsO = f.let(p.outChannels.add(ROWS - 1).and(-ROWS));
    const positionBytes = f.let(p.channels.add(1).and(-2).mul(slotsO).shl(2).add(POSITION_GAP));
    const chunkBytes = f.let(positionBytes.mul(size * size));
    f.loop(p.begin, p.end, 1, (o4) => {
      f.loop(0, p.channels, 1, (c) => {
        const from = f.let(p.du.add(c.mul(slotsO).add(o4.shl(2)).shl(2)));
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
