import type { Floats } from '../../memory.js';
import type { FusedActivation } from '../contracts/convolution.js';
import type { Conv2dGeometry } from '../geometry.js';
import { Program } from '../wasm/program.js';
import { span } from '../wasm/span.js';
import { F32x4 } from '../wasm/vectors.js';
import { forEachStep, grainOf, pointerTo, storeStep } from './steps.js';

const program = new Program('epilogue', (module) => {
  const parameters = {
    y: 'i32',
    scale: 'i32',
    shift: 'i32',
    low: 'f32',
    high: 'f32',
    channels: 'i32',
    pixels: 'i32',
    ...span,
  } as const;
  module.func('finish', parameters, (f, p) => {
    const low = f.let(F32x4.of(p.low));
    const high = f.let(F32x4.of(p.high));
    const scale = f.let(F32x4.of(1));
    const shift = f.let(F32x4.of(0));
    f.loop(p.begin, p.end, 1, (plane) => {
      const c = f.let(plane.rem(p.channels).shl(2));
      f.if(p.scale.ne(0), () => scale.set(F32x4.splat(p.scale.add(c))));
      f.if(p.shift.ne(0), () => shift.set(F32x4.splat(p.shift.add(c))));
      const y = f.let(p.y.add(plane.mul(p.pixels).shl(2)));
      forEachStep(f, p.pixels, [y], 4, (step) => {
        // pmax and pmin keep a NaN on their left.
        const v = f.fma(F32x4.load(y, step.offset), scale, shift).pmax(low).pmin(high);
        storeStep(f, y, v, step);
      });
    });
  });
});

/** y = activation(scale[o] * y + shift[o]) in place. A unit is a plane. */
export function finish(
  y: Floats,
  scale: Floats | null,
  shift: Floats | null,
  activation: FusedActivation,
  g: Conv2dGeometry,
): void {
  const pixels = g.outHeight * g.outWidth;
  const bounds = [activation === 0 ? -Infinity : 0, activation === 2 ? 6 : Infinity];
  const values = [y.byteOffset, pointerTo(scale), pointerTo(shift), ...bounds, g.outChannels, pixels];
  program.run('finish', values, g.batch * g.outChannels, grainOf(pixels));
}
