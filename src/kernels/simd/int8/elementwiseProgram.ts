import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { emitRounding, loadEight, output, storeBytes, toBytes } from './output.js';

const quantizeParameters = {
  y: 'i32',
  x: 'i32',
  channels: 'i32',
  pixels: 'i32',
  pixel: 'i32',
  inverse: 'f32',
  ...output,
} as const;

const dequantizeParameters = {
  y: 'i32',
  x: 'i32',
  channels: 'i32',
  pixels: 'i32',
  pixel: 'i32',
  zero: 'i32',
  scale: 'f32',
} as const;

const addParameters = {
  y: 'i32',
  a: 'i32',
  b: 'i32',
  channels: 'i32',
  yPixel: 'i32',
  aPixel: 'i32',
  bPixel: 'i32',
  aZero: 'i32',
  bZero: 'i32',
  aScale: 'f32',
  bScale: 'f32',
  ...output,
} as const;

const scaleParameters = {
  y: 'i32',
  a: 'i32',
  b: 'i32',
  channels: 'i32',
  yPixel: 'i32',
  aPixel: 'i32',
  aZero: 'i32',
  bZero: 'i32',
  scale: 'f32',
  ...output,
} as const;

const program = new Program('int8Elementwise', (module) => {
  // A unit is four pixels, whose neighbors in memory are of one channel of x.
  module.func('quantize', { ...quantizeParameters, ...span }, (f, p) => {
    const round = emitRounding(f, p);
    const inverse = f.let(F32x4.of(p.inverse));
    f.loop(p.begin, p.end, 1, (unit) => {
      const first = f.let(unit.shl(2));
      const count = f.let(p.pixels.sub(first).min(4));
      f.loop(0, p.channels, 1, (c) => {
        const from = f.let(p.x.add(c.mul(p.pixels).add(first).shl(2)));
        const bytes = f.let(round(F32x4.load(from).mul(inverse)));
        const to = f.let(p.y.add(first.mul(p.pixel)).add(c));
        for (let lane = 0; lane < 4; lane++) {
          f.if(count.gt(lane), () => {
            f.storeByte(to, bytes.lane(lane));
            to.set(to.add(p.pixel));
          });
        }
      });
    });
  });
  // A unit is a channel.
  module.func('dequantize', { ...dequantizeParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (c) => {
      const from = f.let(p.x.add(c));
      const to = f.let(p.y.add(c.mul(p.pixels).shl(2)));
      f.loop(0, p.pixels, 1, () => {
        f.store(to, I32.loadSignedByte(from).sub(p.zero).toF32().mul(p.scale));
        from.set(from.add(p.pixel));
        to.set(to.add(4));
      });
    });
  });
  // A unit is a pixel.
  module.func('add', { ...addParameters, ...span }, (f, p) => {
    const round = emitRounding(f, p);
    const operand = (zero: I32, scale: F32x4): ((bytes: I32x4) => F32x4) => {
      const [z, s] = [f.let(I32x4.of(zero)), f.let(scale)];
      return (bytes) => bytes.sub(z).toF32x4().mul(s);
    };
    const [aValue, bValue] = [operand(p.aZero, F32x4.of(p.aScale)), operand(p.bZero, F32x4.of(p.bScale))];
    eachEight(f, p, { y: p.yPixel, a: p.aPixel, b: p.bPixel }, ({ y, a, b }, left) => {
      const [as, bs] = [loadEight(f, a), loadEight(f, b)];
      const sums = as.map((value, half) => round(aValue(value).add(bValue(bs[half]))));
      storeBytes(f, y, toBytes(f, sums[0], sums[1]), left);
    });
  });
  module.func('scale', { ...scaleParameters, ...span }, (f, p) => {
    const round = emitRounding(f, p);
    const [aZero, bZero] = [f.let(I32x4.of(p.aZero)), f.let(I32x4.of(p.bZero))];
    const scale = f.let(F32x4.of(p.scale));
    eachEight(f, p, { y: p.yPixel, a: p.aPixel, b: I32.of(0) }, ({ y, a, b }, left) => {
      const [as, bs] = [loadEight(f, a), loadEight(f, b)];
      const products = as.map((value, half) => value.sub(aZero).mul(bs[half].sub(bZero)));
      const rounded = products.map((product) => round(product.toF32x4().mul(scale)));
      storeBytes(f, y, toBytes(f, rounded[0], rounded[1]), left);
    });
  });
});

export const quantize = program.entry('quantize', quantizeParameters);
export const dequantize = program.entry('dequantize', dequantizeParameters);
export const add = program.entry('add', addParameters);
export const scale = program.entry('scale', scaleParameters);

interface Walk {
  readonly y: I32;
  readonly a: I32;
  readonly b: I32;
  readonly channels: I32;
  readonly begin: I32;
  readonly end: I32;
}

type Pointers = Record<'y' | 'a' | 'b', Variable<'i32'>>;

/** Gives `body` each eight channels of each pixel, and how many there are left. `steps`: bytes from pixel to pixel. */
function eachEight(
  f: FunctionBuilder,
  p: Walk,
  steps: Readonly<Record<'y' | 'a' | 'b', I32>>,
  body: (at: Pointers, left: I32) => void,
): void {
  const names = ['y', 'a', 'b'] as const;
  f.loop(p.begin, p.end, 1, (pixel) => {
    const at = Object.fromEntries(names.map((name) => [name, f.let(p[name].add(pixel.mul(steps[name])))])) as Pointers;
    const left = f.let(p.channels);
    f.while(
      () => left.gt(0),
      () => {
        body(at, left);
        for (const name of names) at[name].set(at[name].add(8));
        left.set(left.sub(8));
      },
    );
  });
}
