import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { emitRounding, loadEight, output, storeBytes, toBytes } from './output.js';
import { bytePairs, bytes, dots, type Step, type Sums, words } from './steps.js';

/** Pixels and output channels of a register tile: sixteen registers hold its sums and what is multiplied. */
const TILE_PIXELS = 4;
export const PANEL = 8;

/** Pixels of a block: a panel of weights stays in the first cache while it meets them. */
export const BLOCK = 256;

const parameters = {
  y: 'i32',
  x: 'i32',
  w: 'i32',
  bias: 'i32',
  multiplier: 'i32',
  /** For each pixel of y, where its window begins in x. */
  offsets: 'i32',
  pixels: 'i32',
  yPixel: 'i32',
  residual: 'i32',
  residualPixel: 'i32',
  residualZero: 'i32',
  residualScale: 'f32',
  /** A window consists of runs of bytes without gaps: `rows` times `taps` of `length` bytes each. */
  rows: 'i32',
  rowStep: 'i32',
  taps: 'i32',
  tapStep: 'i32',
  length: 'i32',
  panelBytes: 'i32',
  groups: 'i32',
  groupBytes: 'i32',
  groupOutputs: 'i32',
  /** Numbers instead of bytes. */
  asFloats: 'i32',
  ...output,
} as const;

type P = { [K in keyof typeof parameters]: Variable<(typeof parameters)[K]> };

const program = new Program('int8Conv', (module) => {
  defineConv(module, words);
  if (!module.options.fma) return;
  defineConv(module, bytes);
  defineConv(module, bytePairs);
  defineConv(module, dots);
});

export const conv = program.entries(['words', 'bytes', 'bytePairs', 'dots'], parameters);

/** Convolutions of bytes. A unit is a block of pixels times a panel of output channels, panels first. */
function defineConv(module: ModuleBuilder, step: Step): void {
  module.func(step.name, { ...parameters, ...span }, (f, p) => {
    const panelsPerGroup = f.let(p.groupOutputs.add(PANEL - 1).shr(3));
    const panels = f.let(panelsPerGroup.mul(p.groups));
    const round = emitRounding(f, p);
    f.loop(p.begin, p.end, 1, (unit) => {
      const block = f.let(unit.div(panels));
      const panel = f.let(unit.sub(block.mul(panels)));
      const group = f.let(panel.div(panelsPerGroup));
      const inGroup = f.let(panel.sub(group.mul(panelsPerGroup)).shl(3));
      const channel = f.let(group.mul(p.groupOutputs).add(inGroup));
      const columns = f.let(p.groupOutputs.sub(inGroup).min(PANEL));
      const w = f.let(p.w.add(panel.mul(p.panelBytes)));
      const bias = f.let(p.bias.add(panel.shl(5)));
      const multiplier = f.let(p.multiplier.add(panel.shl(5)));
      const x = f.let(p.x.add(group.mul(p.groupBytes)));
      const first = f.let(block.mul(BLOCK));
      const end = f.let(first.add(BLOCK).min(p.pixels));
      const tile = (at: I32, rows: number): void => {
        const sums = emitSums(f, p, step, { x, w, offsets: f.let(p.offsets.add(at.shl(2))), rows });
        emitOutputs(f, p, sums, { at, bias, channel, columns, multiplier, round });
      };
      const at = f.let(first);
      f.while(
        () => at.le(end.sub(TILE_PIXELS)),
        () => {
          tile(at, TILE_PIXELS);
          at.set(at.add(TILE_PIXELS));
        },
      );
      const left = f.let(end.sub(at));
      const rest = (rows: number): void => {
        f.if(left.eq(rows), () => tile(at, rows), rows > 1 ? () => rest(rows - 1) : undefined);
      };
      rest(TILE_PIXELS - 1);
    });
  });
}

interface Tile {
  readonly x: I32;
  readonly w: I32;
  readonly offsets: I32;
  readonly rows: number;
}

/** (1) Each run of the window: sixteen or eight bytes at a time, and four at its end. */
function emitSums(f: FunctionBuilder, p: P, step: Step, tile: Tile): Sums {
  const sums = Array.from({ length: tile.rows }, () => [0, 1].map(() => f.let(I32x4.of(0))));
  const starts = sums.map((_, r) => f.let(tile.x.add(I32.load(tile.offsets, 4 * r))));
  const w = f.let(tile.w);
  const pointers = starts.map((start) => f.let(start));
  const advance = (count: number): void => {
    for (const pointer of pointers) pointer.set(pointer.add(count));
    w.set(w.add(8 * step.width * count));
  };
  f.loop(0, p.rows, 1, (row) => {
    f.loop(0, p.taps, 1, (tap) => {
      const offset = f.let(row.mul(p.rowStep).add(tap.mul(p.tapStep)));
      for (const [r, pointer] of pointers.entries()) pointer.set(starts[r].add(offset));
      const left = f.let(p.length);
      f.while(
        () => left.ge(16),
        () => {
          step.emit(f, sums, pointers, w, 8, 0);
          step.emit(f, sums, pointers, w, 8, 8);
          advance(16);
          left.set(left.sub(16));
        },
      );
      f.if(left.and(8), () => {
        step.emit(f, sums, pointers, w, 8, 0);
        advance(8);
      });
      f.if(left.and(4), () => {
        step.emit(f, sums, pointers, w, 4, 0);
        advance(4);
      });
    });
  });
  return sums;
}

interface Outputs {
  readonly at: I32;
  readonly channel: I32;
  readonly columns: I32;
  readonly bias: I32;
  readonly multiplier: I32;
  readonly round: (v: F32x4) => I32x4;
}

/** (2) float(bias + sum) * multiplier, the residual, and bytes. */
function emitOutputs(f: FunctionBuilder, p: P, sums: Sums, o: Outputs): void {
  const multipliers = [0, 16].map((at) => f.let(F32x4.load(o.multiplier, at)));
  const biases = [0, 16].map((at) => f.let(I32x4.load(o.bias, at)));
  const values = sums.map((row) =>
    row.map((sum, half) => f.let(sum.add(biases[half]).toF32x4().mul(multipliers[half]))),
  );
  f.if(
    p.asFloats,
    () => {
      const to = f.let(p.y.add(o.channel.shl(2)));
      for (let i = 0; i < PANEL; i++) {
        f.if(o.columns.gt(i), () => f.storeLane(to, values[0][i >> 2], i & 3, 4 * i));
      }
    },
    () => {
      f.if(p.residual.ne(0), () => {
        const from = f.let(p.residual.add(o.at.mul(p.residualPixel)).add(o.channel));
        const zero = f.let(I32x4.of(p.residualZero));
        const scale = f.let(F32x4.of(p.residualScale));
        for (const row of values) {
          const eight = loadEight(f, from);
          for (const [half, value] of row.entries()) value.set(value.add(eight[half].sub(zero).toF32x4().mul(scale)));
          from.set(from.add(p.residualPixel));
        }
      });
      const to = f.let(p.y.add(o.at.mul(p.yPixel)).add(o.channel));
      for (const [a, b] of values) {
        storeBytes(f, to, toBytes(f, o.round(a), o.round(b)), o.columns);
        to.set(to.add(p.yPixel));
      }
    },
  );
}
