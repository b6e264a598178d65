import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { normalTail } from './math.js';

// With Q(t) = 1 - Phi(t) for t = |x|: Phi(x) is Q below 0 and 1 - Q above, so x Phi(x) = max(x, 0) - t Q(t).
const zero = F32x4.of(0);
const one = F32x4.of(1);

const maps = mapProgram('gelu', {
  gelu: map({ reads: ['x'], writes: ['y'], unroll: 1 }, [], (f, { x }) => {
    const t = f.let(x.abs());
    const { tail } = normalTail(f, t);
    // Beyond 15 the tail is 0; 0 times infinity would not be.
    return {
      y: x
        .le(zero)
        .clear(x)
        .sub(t.pmin(F32x4.of(15)).mul(tail)),
    };
  }),
  geluBackward: map({ reads: ['dx', 'dy', 'x'], writes: ['dx'], unroll: 1 }, [], (f, { dx, dy, x }) => {
    const { tail, density } = normalTail(f, f.let(x.abs()));
    const below = x.lt(zero).select(tail, one.sub(tail));
    return { dx: f.fma(dy, f.fma(x, density, below), dx) };
  }),
});

/** Numerics: within 5.5 ulp below 0 down to -13, where Phi leaves the normal numbers, and 4.5 ulp above. The limit 0 at -infinity. */
export function gelu(y: Floats, x: Floats): void {
  maps.gelu({ x, y }, HEAVY_GRAIN);
}

export function geluBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.geluBackward({ dx, dy, x }, HEAVY_GRAIN);
}
