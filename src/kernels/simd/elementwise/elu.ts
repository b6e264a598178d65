import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { exp, expm1OfNegative } from './math.js';

const zero = F32x4.of(0);
const forward = { reads: ['x'], writes: ['y'], unroll: 2 } as const;
const backward = { reads: ['dx', 'dy', 'x'], writes: ['dx'], unroll: 2 } as const;

const maps = mapProgram('elu', {
  elu: map(forward, ['alpha'], (f, { x }, { alpha }) => ({
    y: x.gt(zero).select(x, alpha.mul(expm1OfNegative(f, x))),
  })),
  eluBackward: map(backward, ['alpha'], (f, { dx, dy, x }, { alpha }) => ({
    dx: dx.add(x.gt(zero).select(dy, dy.mul(alpha).mul(exp(f, x)))),
  })),
});

/** Numerics: within 2 ulp, next to 0 too. */
export function elu(y: Floats, x: Floats, alpha: number): void {
  maps.elu({ x, y, alpha }, HEAVY_GRAIN);
}

export function eluBackward(dx: Floats, dy: Floats, x: Floats, alpha: number): void {
  maps.eluBackward({ dx, dy, x, alpha }, HEAVY_GRAIN);
}
