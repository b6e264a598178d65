import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder } from '../../../wasm/function.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { sigmoid, sigmoidPair } from './math.js';

const TWICE_SQRT_2_OVER_PI = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** 2 u = 2 sqrt(2/pi) (x + 0.044715 x^3) */
function doubled(f: FunctionBuilder, x: F32x4, square: F32x4): F32x4 {
  const odd = f.fma(F32x4.of(TWICE_SQRT_2_OVER_PI * CUBIC), square, F32x4.of(TWICE_SQRT_2_OVER_PI));
  return f.let(x.mul(odd));
}

// 0.5 (1 + tanh(u)) = sigmoid(2 u), which does not cancel where tanh is near -1.
const backward = { reads: ['dx', 'dy', 'x'], writes: ['dx'], unroll: 1 } as const;

const maps = mapProgram('geluTanh', {
  geluTanh: map({ reads: ['x'], writes: ['y'], unroll: 1 }, [], (f, { x }) => ({
    y: x.mul(sigmoid(f, doubled(f, x, f.let(x.mul(x))))),
  })),
  // With s = sigmoid(2 u): d(x s)/dx = s + x s (1 - s) 2 u'
  geluTanhBackward: map(backward, [], (f, { dx, dy, x: input }) => {
    // Beyond 32 the slope is 0 or 1 in every bit, but the square could overflow.
    const x = f.let(input.pmin(F32x4.of(32)).pmax(F32x4.of(-32)));
    const square = f.let(x.mul(x));
    const { value, complement } = sigmoidPair(f, doubled(f, x, square));
    const slope = f.fma(F32x4.of(3 * TWICE_SQRT_2_OVER_PI * CUBIC), square, F32x4.of(TWICE_SQRT_2_OVER_PI));
    const bend = x.mul(complement).mul(slope);
    return { dx: f.fma(dy.mul(value), f.let(bend.add(F32x4.of(1))), dx) };
  }),
});

/**
 * Numerics: relative error of 4 ulp plus 1.5 ulp of 2 |u|, since exp enlarges the rounding of its argument: nothing of the
 * output where |x| is small, 25 ulp of an output of 1e-3 at x = -4.
 */
export function geluTanh(y: Floats, x: Floats): void {
  maps.geluTanh({ x, y }, HEAVY_GRAIN);
}

export function geluTanhBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.geluTanhBackward({ dx, dy, x }, HEAVY_GRAIN);
}
