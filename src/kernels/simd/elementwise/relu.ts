import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { map, mapProgram } from './map.js';

// Comparisons give masks, so there is no branch. NaN fails every comparison: the forms below let it through.
const zero = F32x4.of(0);
const six = F32x4.of(6);
const forward = { reads: ['x'], writes: ['y'] } as const;
const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;

const maps = mapProgram('relu', {
  relu: map(forward, [], (_f, { x }) => ({ y: x.le(zero).clear(x) })),
  relu6: map(forward, [], (_f, { x }) => ({ y: x.le(zero).clear(x).pmin(six) })),
  leakyRelu: map(forward, ['slope'], (_f, { x }, { slope }) => ({
    y: x.gt(zero).select(x, slope.mul(x)),
  })),
  reluBackward: map(withY, [], (_f, { dx, dy, y }) => ({ dx: dx.add(y.gt(zero).mask(dy)) })),
  relu6Backward: map(withY, [], (_f, { dx, dy, y }) => ({
    dx: dx.add(y.gt(zero).and(y.lt(six)).mask(dy)),
  })),
  leakyReluBackward: map(withX, ['slope'], (_f, { dx, dy, x }, { slope }) => ({
    dx: dx.add(x.gt(zero).select(dy, slope.mul(dy))),
  })),
});

export function relu(y: Floats, x: Floats): void {
  maps.relu({ x, y });
}

export function reluBackward(dx: Floats, dy: Floats, y: Floats): void {
  maps.reluBackward({ dx, dy, y });
}

export function relu6(y: Floats, x: Floats): void {
  maps.relu6({ x, y });
}

export function relu6Backward(dx: Floats, dy: Floats, y: Floats): void {
  maps.relu6Backward({ dx, dy, y });
}

export function leakyRelu(y: Floats, x: Floats, slope: number): void {
  maps.leakyRelu({ x, y, slope });
}

export function leakyReluBackward(dx: Floats, dy: Floats, x: Floats, slope: number): void {
  maps.leakyReluBackward({ dx, dy, x, slope });
}
