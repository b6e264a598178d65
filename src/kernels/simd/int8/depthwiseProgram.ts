import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { emitRounding, loadEight, output, storeBytes, toBytes } from './output.js';

const parameters = {
  y: 'i32',
  x: 'i32',
  bias: 'i32',
  multiplier: 'i32',
  /** For each eight channels, whether their sums fit into 16 bits. */
  fits: 'i32',
  /** For each eight channels, the weights of each tap as numbers of 16 bits; then of each two taps, one beside the other. */
  w: 'i32',
  pairs: 'i32',
  /** Where the taps of a window lie, and how many there are: an even number. */
  offsets: 'i32',
  taps: 'i32',
  channels: 'i32',
  outWidth: 'i32',
  rowStep: 'i32',
  pixelStep: 'i32',
  yPixel: 'i32',
  residual: 'i32',
  residualPixel: 'i32',
  residualZero: 'i32',
  residualScale: 'f32',
  ...output,
} as const;

type P = { [K in keyof typeof parameters]: Variable<(typeof parameters)[K]> };

const program = new Program('int8Depthwise', (module) => {
  // A unit is a row of outputs. Nine taps have code of their own.
  for (const taps of [0, 9]) {
    module.func(`taps${taps}`, { ...parameters, ...span }, (f, p) => {
      const round = emitRounding(f, p);
      f.loop(p.begin, p.end, 1, (row) => emitRow(f, p, row, taps, round));
    });
  }
});

export const depthwise = program.entries(['taps0', 'taps9'], parameters);

interface Channels {
  readonly first: I32;
  readonly count: I32;
  readonly row: I32;
  readonly biases: readonly I32x4[];
  readonly multipliers: readonly F32x4[];
  readonly round: (v: F32x4) => I32x4;
}

function emitRow(f: FunctionBuilder, p: P, row: I32, taps: number, round: Channels['round']): void {
  const offsets = Array.from({ length: taps }, (_, t) => f.let(I32.load(p.offsets, 4 * t)));
  f.loop(0, p.channels, 8, (first) => {
    const biases = [0, 16].map((at) => f.let(I32x4.load(p.bias.add(first.shl(2)), at)));
    const multipliers = [0, 16].map((at) => f.let(F32x4.load(p.multiplier.add(first.shl(2)), at)));
    const count = f.let(p.channels.sub(first));
    const channels = { first, count, row, biases, multipliers, round };
    const w = f.let(p.w.add(first.mul(p.taps).shl(1)));
    const pairs = f.let(p.pairs.add(first.mul(p.taps).shl(1)));
    f.if(
      I32.load(p.fits.add(first.shr(1))),
      () => {
        const weights = offsets.map((_, t) => f.let(I32x4.load(w, 16 * t)));
        emitPixels(f, p, channels, (at) => {
          const sum = f.let(I32x4.of(0));
          const add = (x: I32x4, weight: I32x4): void => sum.set(sum.add16(x.mul16(weight)));
          if (taps > 0) for (const [t, offset] of offsets.entries()) add(I32x4.loadBytes(at.add(offset)), weights[t]);
          else f.loop(0, p.taps, 1, (t) => add(tapOf(p, at, t), I32x4.load(w.add(t.shl(4)))));
          return [sum.extendShorts(0), sum.extendShorts(1)];
        });
      },
      () =>
        emitPixels(f, p, channels, (at) => {
          const sums = [f.let(I32x4.of(0)), f.let(I32x4.of(0))] as const;
          const add = (a: I32x4, b: I32x4, weights: I32, offset: number): void => {
            for (const [half, sum] of sums.entries()) {
              const both = a.shuffleBytes(b, half === 0 ? LOW : HIGH);
              sum.set(sum.add(both.dot16(I32x4.load(weights, offset + 16 * half))));
            }
          };
          if (taps > 0) {
            for (let t = 0; t < taps; t += 2) {
              const a = f.let(I32x4.loadBytes(at.add(offsets[t])));
              const b = t + 1 < taps ? f.let(I32x4.loadBytes(at.add(offsets[t + 1]))) : I32x4.of(0);
              add(a, b, pairs, 16 * t);
            }
          } else {
            f.loop(0, p.taps, 2, (t) => {
              const a = f.let(tapOf(p, at, t));
              const b = f.let(tapOf(p, at, t.add(1)));
              add(a, b, f.let(pairs.add(t.shl(4))), 0);
            });
          }
          return [...sums];
        }),
    );
  });
}

function tapOf(p: P, at: I32, tap: I32): I32x4 {
  return I32x4.loadBytes(at.add(I32.load(p.offsets.add(tap.shl(2)))));
}

/** Numbers of 16 bits of two vectors, one of each in turn: the first four, or the last. */
const LOW = interleaved(0);
const HIGH = interleaved(8);

function interleaved(first: number): number[] {
  return [0, 2, 4, 6].flatMap((at) => [first + at, first + at + 1, 16 + first + at, 16 + first + at + 1]);
}

function emitPixels(f: FunctionBuilder, p: P, c: Channels, sumsAt: (at: I32) => readonly I32x4[]): void {
  const at = f.let(p.x.add(c.row.mul(p.rowStep)).add(c.first));
  const pixel = f.let(c.row.mul(p.outWidth));
  const to = f.let(p.y.add(pixel.mul(p.yPixel)).add(c.first));
  const from = f.let(p.residual.add(pixel.mul(p.residualPixel)).add(c.first));
  f.loop(0, p.outWidth, 1, () => {
    const values = sumsAt(at).map((sum, half) => f.let(sum.add(c.biases[half]).toF32x4().mul(c.multipliers[half]))) as [
      Variable<'f32x4'>,
      Variable<'f32x4'>,
    ];
    f.if(p.residual, () => {
      const zero = f.let(I32x4.of(p.residualZero));
      const scale = f.let(F32x4.of(p.residualScale));
      const eight = loadEight(f, from);
      for (const [half, value] of values.entries()) value.set(value.add(eight[half].sub(zero).toF32x4().mul(scale)));
      from.set(from.add(p.residualPixel));
    });
    storeBytes(f, to, toBytes(f, c.round(values[0]), c.round(values[1])), c.count);
    at.set(at.add(p.pixelStep));
    to.set(to.add(p.yPixel));
  });
}
