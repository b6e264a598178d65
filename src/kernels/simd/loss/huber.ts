import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { ElementLossGeometry } from '../../contracts/losses.js';
import { defineMap, runMap } from '../elementwise/map.js';

const program = new Program('huber', (module) => {
  const forward = { reads: ['x', 'target'], writes: ['loss'] } as const;
  defineMap(module, 'forward', forward, ['delta'], (f, { x, target }, { delta }) => {
    const half = F32x4.of(0.5);
    const d = f.let(x.sub(target).abs());
    return { loss: d.le(delta).select(half.mul(d).mul(d), delta.mul(d.sub(half.mul(delta)))) };
  });
  const backward = { reads: ['dx', 'dLoss', 'x', 'target'], writes: ['dx'] } as const;
  // In this order both limits keep a NaN.
  defineMap(module, 'backward', backward, ['delta'], (_f, { dx, dLoss, x, target }, { delta }) => ({
    dx: dx.add(dLoss.mul(x.sub(target).pmax(delta.neg()).pmin(delta))),
  }));
});

export function huber(loss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  runMap(program, 'forward', [x, target, loss], [g.delta]);
}

export function huberBackward(dx: Floats, dLoss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  runMap(program, 'backward', [dx, dLoss, x, target], [g.delta]);
}
