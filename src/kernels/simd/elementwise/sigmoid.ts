import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { defineMap, HEAVY_GRAIN, runMap } from './map.js';
import { sigmoid as emitSigmoid, tanh as emitTanh } from './math.js';

const program = new Program('sigmoid', (module) => {
  const one = F32x4.of(1);
  const three = F32x4.of(3);
  const six = F32x4.of(6);
  const forward = { reads: ['x'], writes: ['y'] } as const;
  defineMap(module, 'sigmoid', { ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitSigmoid(f, x) }));
  defineMap(module, 'tanh', { ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitTanh(f, x) }));
  defineMap(module, 'hardSigmoid', forward, [], (_f, { x }) => ({
    y: x.add(three).pmax(F32x4.of(0)).pmin(six).div(six),
  }));

  const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
  defineMap(module, 'sigmoidBackward', withY, [], (f, { dx, dy, y }) => ({ dx: f.fma(dy.mul(y), one.sub(y), dx) }));
  // (1 - y) (1 + y) keeps its digits where 1 - y^2 cancels.
  defineMap(module, 'tanhBackward', withY, [], (f, { dx, dy, y }) => ({
    dx: f.fma(dy.mul(one.add(y)), one.sub(y), dx),
  }));
  const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;
  defineMap(module, 'hardSigmoidBackward', withX, [], (_f, { dx, dy, x }) => ({
    dx: dx.add(x.abs().lt(three).mask(dy.div(six))),
  }));
});

/** Numerics: within 3 ulp, also where the result is tiny. */
export function sigmoid(y: Floats, x: Floats): void {
  runMap(program, 'sigmoid', [x, y], [], HEAVY_GRAIN);
}

export function sigmoidBackward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'sigmoidBackward', [dx, dy, y]);
}

/** Numerics: within 1.5 ulp. */
export function tanh(y: Floats, x: Floats): void {
  runMap(program, 'tanh', [x, y], [], HEAVY_GRAIN);
}

export function tanhBackward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'tanhBackward', [dx, dy, y]);
}

export function hardSigmoid(y: Floats, x: Floats): void {
  runMap(program, 'hardSigmoid', [x, y]);
}

export function hardSigmoidBackward(dx: Floats, dy: Floats, x: Floats): void {
  runMap(program, 'hardSigmoidBackward', [dx, dy, x]);
}
