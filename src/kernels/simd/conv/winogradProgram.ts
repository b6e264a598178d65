import type { Entry, Values } from '../../../wasm/entry.js';
import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { ROWS } from '../gemm/dots.js';
import { emitOverPanels, emitRowPanel, emitTile, tileRows } from '../gemm/tile.js';
import { emitEpilogueOfOne, epilogue } from './epilogue.js';
import { type Block, type Common, common, emitInputs, forEachRange, POSITION_GAP } from './winogradBlocks.js';
import { F2, F2x5, F4, type GradientScheme, type Scheme, transform2d } from './winogradScheme.js';
import { emitStageOut, emitStoreTiles, emitTileTable } from './winogradTiles.js';
import {
  defineWeightGradient,
  defineWeightReduction,
  gradientsParameters,
  reduceParameters,
} from './winogradWeightProgram.js';

/** One program a scheme and direction, so that nothing is built before it is used: the transforms are long when unrolled. */
function program<S extends Scheme>(
  pass: string,
  scheme: S,
  define: ((module: ModuleBuilder, scheme: S) => void)[],
): Program {
  return new Program(`winograd ${scheme.name} ${pass}`, (module) => {
    for (const part of define) part(module, scheme);
  });
}

const filtersParameters = {
  u: 'i32',
  w: 'i32',
  outChannels: 'i32',
  channels: 'i32',
  outStride: 'i32',
  inStride: 'i32',
  firstTap: 'i32',
  tapStep: 'i32',
} as const;

/** Where the filters' numbers lie. */
export type FilterStrides = Pick<Values<typeof filtersParameters>, 'outStride' | 'inStride' | 'firstTap' | 'tapStep'>;

/**
 * u[position][panel][c][R] = G g G^T for the filters of four output channels at once; the last panel has as many rows as are left. Strides
 * in bytes; `tapStep` -4 with `firstTap` at the last turns the filters by 180 degrees. A unit is four output channels.
 */
function defineFilters(module: ModuleBuilder, { filter, taps }: Scheme): void {
  const R = tileRows(module.options.fma);
  module.func('filters', { ...filtersParameters, ...span }, (f, p) => {
    const slots = f.let(roundToRows(p.outChannels));
    const positionBytes = f.let(slots.mul(p.channels).shl(2).add(POSITION_GAP));
    f.loop(p.begin, p.end, 1, (o4) => {
      // Rows past the last channel repeat it: their products are never read.
      const last = f.let(p.outChannels.sub(1));
      const rows = [0, 1, 2, 3].map((i) => f.let(p.w.add(p.firstTap).add(o4.shl(2).add(i).min(last).mul(p.outStride))));
      // Two neighbors never lie in different panels.
      const pairs = [0, 2].map((i) => {
        const o = f.let(o4.shl(2).add(i));
        const first = f.let(o.div(R).mul(R));
        const to = f.let(p.u.add(first.mul(p.channels).add(o).sub(first).shl(2)));
        return { to, step: f.let(slots.sub(first).min(R).shl(2)) };
      });
      f.loop(0, p.channels, 1, () => {
        const along = Array.from({ length: taps }, (_, i) => i);
        const patch = along.map((r) =>
          along.map((s) => {
            const at = rows.map((row) => row.add(p.tapStep.mul(taps * r + s)));
            return f.let(F32x4.loadOne(at[0]).loadLane(at[1], 1).loadLane(at[2], 2).loadLane(at[3], 3));
          }),
        );
        const out = pairs.map(({ to }) => f.let(to));
        for (const v of transform2d(f, filter, patch).flat()) {
          for (const half of [0, 1] as const) {
            f.storeTwo(out[half], v, half);
            out[half].set(out[half].add(positionBytes));
          }
        }
        for (const row of rows) row.set(row.add(p.inStride));
        for (const { to, step } of pairs) to.set(to.add(step));
      });
    });
  });
}

const convolveParameters = {
  y: 'i32',
  x: 'i32',
  u: 'i32',
  accumulate: 'i32',
  /** Ranges of output channels, and their length, a multiple of four. */
  ranges: 'i32',
  rangeOut: 'i32',
  ...epilogue,
  ...common,
} as const;

/**
 * y = conv(x, w) for 3x3 or 5x5 filters at stride 1, from transformed filters u. A unit is a block of tile rows times a range of output channels.
 *
 * (1) stage a channel, (2) transform its tiles, (3) multiply position by position, (4) transform back, (5) finish and write the rows.
 */
function defineConvolution(module: ModuleBuilder, scheme: Scheme): void {
  const { size, output, m } = scheme;
  module.func('convolve', { ...convolveParameters, ...span }, (f, p) => {
    forEachRange(f, p, (block, range) => {
      const firstOut = f.let(range.mul(p.rangeOut));
      const endOut = f.let(firstOut.add(p.rangeOut).min(p.outChannels));
      emitTileTable(f, block.table, block.tiles, block.stage, 4 * m, I32.of(0));
      // inputs[position][panel][c][8]
      emitInputs(f, scheme, p, p.x, block, (c, t) => t.shr(3).mul(p.channels).add(c).shl(5).add(t.and(4).shl(2)));
      const rows = f.let(roundToRows(p.outChannels).min(firstOut.add(p.rangeOut)).sub(firstOut));
      emitProducts(f, size * size, p, f.let(p.u.add(firstOut.mul(p.channels).shl(2))), rows, block);
      f.loop(firstOut, endOut, 1, (o) => {
        const row = f.let(o.sub(firstOut));
        f.loop(0, block.slots, 4, (t) => {
          const from = f.let(block.products.add(t.shr(3).mul(rows).add(row).shl(5).add(t.and(4).shl(2))));
          const products = Array.from({ length: size }, () =>
            Array.from({ length: size }, () => {
              const v = f.let(F32x4.load(from));
              from.set(from.add(p.productStride));
              return v;
            }),
          );
          emitStoreTiles(f, block.stage, f.let(block.table.add(t.shl(2))), transform2d(f, output, products));
        });
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
        emitStageOut(f, block.stage, block.tiles, planes, m, p.accumulate, emitEpilogueOfOne(f, p, o));
      });
    });
  });
}

/** Output channels with those that repeat the last one, so that filters are transformed four at a time. */
function roundToRows(channels: I32): I32 {
  return channels.add(ROWS - 1).and(-ROWS);
}

/**
 * Step (3): products[position][panel][o][8] = sum over c of u[position][o][c] * inputs[position][panel][c][8], for `rows` output channels
 * from `u` on.
 */
function emitProducts(f: FunctionBuilder, positions: number, p: Common, u: I32, rows: I32, block: Block): void {
  const R = tileRows(f.options.fma);
  const a = f.let(u);
  const positionBytes = f.let(roundToRows(p.outChannels).mul(p.channels).shl(2).add(POSITION_GAP));
  const inputs = f.let(block.inputs);
  const products = f.let(block.products);
  const panelBytes = f.let(p.channels.shl(5));
  f.loop(0, positions, 1, () => {
    f.loop(0, rows, R, (row) => {
      emitRowPanel(
        f,
        R,
        rows.sub(row),
        { a, row, k: p.channels, k0: I32.of(0) },
        (count, panel) => {
          const to = f.let(products.add(row.shl(5)));
          emitOverPanels(f, inputs, panelBytes, block.slots, (b) => {
            const sums = emitTile(f, count, { a: panel, b, k: p.channels });
            for (let i = 0; i < b.length; i++) {
              for (const [r, sum] of sums.entries()) {
                for (const half of [0, 1]) f.store(to, sum[2 * i + half], 32 * r + 16 * half);
              }
              to.set(to.add(rows.shl(5)));
            }
          });
        },
        2,
      );
    });
    a.set(a.add(positionBytes));
    inputs.set(inputs.add(p.inputStride));
    products.set(products.add(p.productStride));
  });
}

interface WinogradConvolution {
  filters: Entry<typeof filtersParameters>;
  convolve: Entry<typeof convolveParameters>;
}

interface WinogradWeights {
  gradients: Entry<typeof gradientsParameters>;
  reduce: Entry<typeof reduceParameters>;
}

function convolution(scheme: Scheme): WinogradConvolution {
  const of = program('convolution', scheme, [defineFilters, defineConvolution]);
  return { filters: of.entry('filters', filtersParameters), convolve: of.entry('convolve', convolveParameters) };
}

function weights(scheme: GradientScheme): WinogradWeights {
  const of = program('weight gradient', scheme, [defineWeightGradient, defineWeightReduction]);
  return { gradients: of.entry('gradients', gradientsParameters), reduce: of.entry('reduce', reduceParameters) };
}

/** What the forward pass and the input gradient call. */
export const winogradConvolution = { f2: convolution(F2), f4: convolution(F4), f2x5: convolution(F2x5) };

/** What the weight gradient calls. */
export const winogradWeights = { f2: weights(F2), f4: weights(F4) };
