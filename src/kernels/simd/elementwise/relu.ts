import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { defineMap, runMap } from './map.js';

// Comparisons give masks, so there is no branch. NaN fails every comparison: the forms below let it through.
const program = new Program('relu', (module) => {
  const zero = F32x4.of(0);
  const six = F32x4.of(6);
  const forward = { reads: ['x'], writes: ['y'] } as const;
  defineMap(module, 'relu', forward, [], (_f, { x }) => ({ y: x.le(zero).clear(x) }));
  defineMap(module, 'relu6', forward, [], (_f, { x }) => ({ y: x.le(zero).clear(x).pmin(six) }));
  defineMap(module, 'leakyRelu', forward, ['slope'], (_f, { x }, { slope }) => ({
    y: x.gt(zero).select(x, slope.mul(x)),
  }));

  const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
  defineMap(module, 'reluBackward', withY, [], (_f, { dx, dy, y }) => ({ dx: dx.add(y.gt(zero).mask(dy)) }));
  defineMap(module, 'relu6Backward', withY, [], (_f, { dx, dy, y }) => ({
    dx: dx.add(y.gt(zero).and(y.lt(six)).mask(dy)),
  }));
  const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;
  defineMap(module, 'leakyReluBackward', withX, ['slope'], (_f, { dx, dy, x }, { slope }) => ({
    dx: dx.add(x.gt(zero).select(dy, slope.mul(dy))),
  }));
});

export function relu(y: Floats, x: Floats): void {
  runMap(program, 'relu', [x, y]);
}

export function reluBackward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'reluBackward', [dx, dy, y]);
}

export function relu6(y: Floats, x: Floats): void {
  runMap(program, 'relu6', [x, y]);
}

export function relu6Backward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'relu6Backward', [dx, dy, y]);
}

export function leakyRelu(y: Floats, x: Floats, slope: number): void {
  runMap(program, 'leakyRelu', [x, y], [slope]);
}

export function leakyReluBackward(dx: Floats, dy: Floats, x: Floats, slope: number): void {
  runMap(program, 'leakyReluBackward', [dx, dy, x], [slope]);
}
