import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { defineMap, HEAVY_GRAIN, runMap } from './map.js';
import { sigmoid, sigmoidPair } from './math.js';

const program = new Program('silu', (module) => {
  const one = F32x4.of(1);
  const three = F32x4.of(3);
  const six = F32x4.of(6);
  const forward = { reads: ['x'], writes: ['y'] } as const;
  const backward = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;
  defineMap(module, 'silu', { ...forward, unroll: 2 }, [], (f, { x }) => ({ y: x.mul(sigmoid(f, x)) }));
  // dy s (1 + x (1 - s)): 1 - s comes without cancellation, since x enlarges its error.
  defineMap(module, 'siluBackward', { ...backward, unroll: 2 }, [], (f, { dx, dy, x }) => {
    const { value, complement } = sigmoidPair(f, x);
    return { dx: f.fma(dy.mul(value), f.fma(x, complement, one), dx) };
  });
  defineMap(module, 'hardSwish', forward, [], (_f, { x }) => ({
    y: x.mul(x.add(three).pmax(F32x4.of(0)).pmin(six)).div(six),
  }));
  defineMap(module, 'hardSwishBackward', backward, [], (_f, { dx, dy, x }) => {
    const inside = dy.mul(x.div(three).add(F32x4.of(0.5)));
    return { dx: dx.add(x.ge(F32x4.of(-3)).mask(x.gt(three).select(dy, inside))) };
  });
});

/** Numerics: within 4 ulp, also where the result is tiny. */
export function silu(y: Floats, x: Floats): void {
  runMap(program, 'silu', [x, y], [], HEAVY_GRAIN);
}

export function siluBackward(dx: Floats, dy: Floats, x: Floats): void {
  runMap(program, 'siluBackward', [dx, dy, x], [], HEAVY_GRAIN);
}

export function hardSwish(y: Floats, x: Floats): void {
  runMap(program, 'hardSwish', [x, y]);
}

export function hardSwishBackward(dx: Floats, dy: Floats, x: Floats): void {
  runMap(program, 'hardSwishBackward', [dx, dy, x]);
}
