import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { silu as emitSilu, sigmoidPair } from './math.js';

const one = F32x4.of(1);
const three = F32x4.of(3);
const six = F32x4.of(6);
const forward = { reads: ['x'], writes: ['y'] } as const;
const backward = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;

const maps = mapProgram('silu', {
  silu: map({ ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitSilu(f, x) })),
  // dy s (1 + x (1 - s)): 1 - s comes without cancellation, since x enlarges its error.
  siluBackward: map({ ...backward, unroll: 2 }, [], (f, { dx, dy, x }) => {
    const { value, complement } = sigmoidPair(f, x);
    return { dx: f.fma(dy.mul(value), f.fma(x, complement, one), dx) };
  }),
  hardSwish: map(forward, [], (_f, { x }) => ({
    y: x.mul(x.add(three).pmax(F32x4.of(0)).pmin(six)).div(six),
  })),
  hardSwishBackward: map(backward, [], (_f, { dx, dy, x }) => {
    const inside = dy.mul(x.div(three).add(F32x4.of(0.5)));
    return { dx: dx.add(x.ge(F32x4.of(-3)).mask(x.gt(three).select(dy, inside))) };
  }),
});

/** Numerics: within 3 ulp; 0 below -88.3, where it is nearer to 0 than 1e-36. */
export function silu(y: Floats, x: Floats): void {
  maps.silu({ x, y }, HEAVY_GRAIN);
}

export function siluBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.siluBackward({ dx, dy, x }, HEAVY_GRAIN);
}

export function hardSwish(y: Floats, x: Floats): void {
  maps.hardSwish({ x, y });
}

export function hardSwishBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.hardSwishBackward({ dx, dy, x });
}
