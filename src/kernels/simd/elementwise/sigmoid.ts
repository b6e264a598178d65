import type { Floats } from '../../../memory/memory.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { sigmoid as emitSigmoid, tanh as emitTanh } from './math.js';

const one = F32x4.of(1);
const three = F32x4.of(3);
const six = F32x4.of(6);
const forward = { reads: ['x'], writes: ['y'] } as const;
const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;

const maps = mapProgram('sigmoid', {
  sigmoid: map({ ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitSigmoid(f, x) })),
  tanh: map({ ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitTanh(f, x) })),
  hardSigmoid: map(forward, [], (_f, { x }) => ({
    y: x.add(three).pmax(F32x4.of(0)).pmin(six).div(six),
  })),
  sigmoidBackward: map(withY, [], (f, { dx, dy, y }) => ({ dx: f.fma(dy.mul(y), one.sub(y), dx) })),
  // (1 - y) (1 + y) keeps its digits where 1 - y^2 cancels.
  tanhBackward: map(withY, [], (f, { dx, dy, y }) => ({
    dx: f.fma(dy.mul(one.add(y)), one.sub(y), dx),
  })),
  hardSigmoidBackward: map(withX, [], (_f, { dx, dy, x }) => ({
    dx: dx.add(x.abs().lt(three).mask(dy.div(six))),
  })),
});

/** Numerics: within 3 ulp, also where the result is tiny. */
export function sigmoid(y: Floats, x: Floats): void {
  maps.sigmoid({ x, y }, HEAVY_GRAIN);
}

export function sigmoidBackward(dx: Floats, dy: Floats, y: Floats): void {
  maps.sigmoidBackward({ dx, dy, y });
}

/** Numerics: within 1.5 ulp. */
export function tanh(y: Floats, x: Floats): void {
  maps.tanh({ x, y }, HEAVY_GRAIN);
}

export function tanhBackward(dx: Floats, dy: Floats, y: Floats): void {
  maps.tanhBackward({ dx, dy, y });
}

export function hardSigmoid(y: Floats, x: Floats): void {
  maps.hardSigmoid({ x, y });
}

export function hardSigmoidBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.hardSigmoidBackward({ dx, dy, x });
}
