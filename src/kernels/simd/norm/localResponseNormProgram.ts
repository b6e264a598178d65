import type { Entry } from '../../../wasm/entry.js';
import type { FunctionBuilder } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import type { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { exp, log } from '../elementwise/math.js';
import { forEachStep, storeStep } from '../elementwise/steps.js';

/** Pixels of an image that one unit covers in all channels. */
export const PIXELS = 256;

/** Exponents that need roots only, by name; all others take a logarithm and an exponential. */
const EXPONENTS: Readonly<Record<string, number | null>> = { half: 0.5, threeQuarters: 0.75, one: 1, any: null };

const parameters = {
  out: 'i32',
  dx: 'i32',
  x: 'i32',
  channels: 'i32',
  spatial: 'i32',
  /** Channels of the neighborhood in front of a channel and behind it, and the units that an image is cut into. */
  before: 'i32',
  after: 'i32',
  parts: 'i32',
  factor: 'f32',
  beta: 'f32',
  k: 'f32',
} as const;

/** Local response normalization: y is `out` of the forward pass, dy that of the backward pass. */
const localResponseNormProgram = new Program('localResponseNorm', (module) => {
  for (const name of Object.keys(EXPONENTS)) {
    module.func(name, { ...parameters, ...span }, (f, p) => {
      forEachChannel(f, p, (c) => {
        const pointers = [p.out, p.x, p.x].map((t, i) => f.let(t.add(i < 2 ? c.own : c.first)));
        const [y, x, first] = pointers;
        forEachStep(f, c.length, pointers, 1, (step) => {
          const s = sumOfSquares(f, p, c, first);
          storeStep(f, y, F32x4.load(x).mul(damping(f, name, s, p.beta)), step);
        });
      });
    });

    module.func(`${name}Backward`, { ...parameters, ...span }, (f, p) => {
      forEachChannel(f, p, (c) => {
        const starts = [p.out.add(c.own), p.dx.add(c.own), p.x.add(c.own), p.dx.add(c.first), p.x.add(c.first)];
        const pointers = starts.map((t) => f.let(t));
        const [dy, dx, x, firstDx, first] = pointers;
        forEachStep(f, c.length, pointers, 1, (step) => {
          const s = sumOfSquares(f, p, c, first);
          // (2) its own response, less (1) what its neighbors and itself damped in it
          const own = f.let(F32x4.load(dy).mul(damping(f, name, s, p.beta)));
          storeStep(f, dx, F32x4.load(dx).add(own), step);
          const twice = F32x4.of(p.beta.mul(p.factor).mul(2));
          const owed = f.let(twice.mul(own).mul(F32x4.load(x)).div(s));
          const [toDx, fromX] = [f.let(firstDx), f.let(first)];
          f.loop(0, c.count, 1, () => {
            storeStep(f, toDx, f.fnma(owed, F32x4.load(fromX), F32x4.load(toDx)), step);
            toDx.set(toDx.add(c.planeBytes));
            fromX.set(fromX.add(c.planeBytes));
          });
        });
      });
    });
  }
});

interface Channel {
  /** Byte offsets of its pixels and of those of the first channel of its neighborhood; how many channels that has. */
  own: I32;
  first: I32;
  count: I32;
  length: I32;
  planeBytes: I32;
}

type Values = { [K in 'channels' | 'spatial' | 'before' | 'after' | 'parts' | 'begin' | 'end']: I32 };

/** Pixels are shared out, channels are not: the backward pass adds to neighboring channels. */
function forEachChannel(f: FunctionBuilder, p: Values, body: (channel: Channel) => void): void {
  const planeBytes = f.let(p.spatial.shl(2));
  f.loop(p.begin, p.end, 1, (unit) => {
    const pixel = f.let(unit.rem(p.parts).mul(PIXELS));
    const length = f.let(p.spatial.sub(pixel).min(PIXELS));
    const start = f.let(unit.div(p.parts).mul(p.channels).mul(planeBytes).add(pixel.shl(2)));
    f.loop(0, p.channels, 1, (c) => {
      const firstChannel = f.let(c.sub(p.before).max(0));
      const count = f.let(c.add(p.after).min(p.channels.sub(1)).add(1).sub(firstChannel));
      const own = f.let(start.add(c.mul(planeBytes)));
      body({ own, first: f.let(start.add(firstChannel.mul(planeBytes))), count, length, planeBytes });
    });
  });
}

/** s = k + factor * the sum of the squares of the neighborhood */
function sumOfSquares(f: FunctionBuilder, p: { factor: F32; k: F32 }, c: Channel, first: I32): F32x4 {
  const squares = f.let(F32x4.of(0));
  const at = f.let(first);
  f.loop(0, c.count, 1, () => {
    const v = f.let(F32x4.load(at));
    squares.set(f.fma(v, v, squares));
    at.set(at.add(c.planeBytes));
  });
  return f.let(f.fma(squares, F32x4.of(p.factor), F32x4.of(p.k)));
}

/** s^-beta */
function damping(f: FunctionBuilder, name: string, s: F32x4, beta: F32): F32x4 {
  const one = F32x4.of(1);
  if (name === 'one') return one.div(s);
  if (name === 'any') return exp(f, f.let(log(f, s).mul(F32x4.of(beta.neg()))));
  const root = f.let(s.sqrt());
  return name === 'half' ? one.div(root) : one.div(root.mul(root.sqrt()));
}

const entries = localResponseNormProgram.entries(
  Object.keys(EXPONENTS).flatMap((name) => [name, `${name}Backward`]),
  parameters,
);

/** The function of a pass for an exponent. */
export function responseEntry(pass: '' | 'Backward', beta: number): Entry<typeof parameters> {
  const name = Object.keys(EXPONENTS).find((key) => EXPONENTS[key] === beta) ?? 'any';
  return entries[name + pass];
}
