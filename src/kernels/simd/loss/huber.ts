import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { ElementLossGeometry } from '../../contracts/losses.js';
import { map, mapProgram } from '../elementwise/map.js';

const forward = { reads: ['x', 'target'], writes: ['loss'] } as const;
const backward = { reads: ['dx', 'dLoss', 'x', 'target'], writes: ['dx'] } as const;

const maps = mapProgram('huber', {
  forward: map(forward, ['delta'], (f, { x, target }, { delta }) => {
    const half = F32x4.of(0.5);
    const d = f.let(x.sub(target).abs());
    return { loss: d.le(delta).select(half.mul(d).mul(d), delta.mul(d.sub(half.mul(delta)))) };
  }),
  // In this order both limits keep a NaN.
  backward: map(backward, ['delta'], (_f, { dx, dLoss, x, target }, { delta }) => ({
    dx: dx.add(dLoss.mul(x.sub(target).pmax(delta.neg()).pmin(delta))),
  })),
});

export function huber(loss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  maps.forward({ x, target, loss, delta: g.delta });
}

export function huberBackward(dx: Floats, dLoss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  maps.backward({ dx, dLoss, x, target, delta: g.delta });
}
