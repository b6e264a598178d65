import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { defineMap, HEAVY_GRAIN, runMap } from './map.js';
import { exp as emitExp, log as emitLog } from './math.js';

const program = new Program('elementwise', (module) => {
  const forward = { reads: ['x'], writes: ['y'] } as const;
  defineMap(module, 'exp', { ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitExp(f, x) }));
  defineMap(module, 'log', { ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitLog(f, x) }));
  defineMap(module, 'sqrt', forward, [], (_f, { x }) => ({ y: x.sqrt() }));
  defineMap(module, 'abs', forward, [], (_f, { x }) => ({ y: x.abs() }));
  defineMap(module, 'scale', forward, ['factor'], (_f, { x }, { factor }) => ({ y: x.mul(factor) }));

  const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
  const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;
  defineMap(module, 'expBackward', withY, [], (f, { dx, dy, y }) => ({ dx: f.fma(dy, y, dx) }));
  defineMap(module, 'logBackward', withX, [], (_f, { dx, dy, x }) => ({ dx: dx.add(dy.div(x)) }));
  defineMap(module, 'sqrtBackward', withY, [], (_f, { dx, dy, y }) => ({ dx: dx.add(dy.div(y.add(y))) }));
  // dy with the sign of x; 0 where x is 0, NaN where x is.
  defineMap(module, 'absBackward', withX, [], (_f, { dx, dy, x }) => {
    const signed = x
      .bits()
      .and(I32x4.of(0x80000000 | 0))
      .xor(dy.bits())
      .asF32x4();
    const slope = x.ne(F32x4.of(0)).mask(signed);
    return { dx: dx.add(x.eq(x).select(slope, x)) };
  });
  const fromDy = { reads: ['dx', 'dy'], writes: ['dx'] } as const;
  defineMap(module, 'scaleBackward', fromDy, ['factor'], (f, { dx, dy }, { factor }) => ({
    dx: f.fma(factor, dy, dx),
  }));
  defineMap(module, 'accumulate', fromDy, [], (_f, { dx, dy }) => ({ dx: dx.add(dy) }));
});

/** Numerics: within 1.1 ulp (math.ts). */
export function exp(y: Floats, x: Floats): void {
  runMap(program, 'exp', [x, y], [], HEAVY_GRAIN);
}

export function expBackward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'expBackward', [dx, dy, y]);
}

/** Numerics: within 1 ulp (math.ts). */
export function log(y: Floats, x: Floats): void {
  runMap(program, 'log', [x, y], [], HEAVY_GRAIN);
}

export function logBackward(dx: Floats, dy: Floats, x: Floats): void {
  runMap(program, 'logBackward', [dx, dy, x]);
}

export function sqrt(y: Floats, x: Floats): void {
  runMap(program, 'sqrt', [x, y]);
}

export function sqrtBackward(dx: Floats, dy: Floats, y: Floats): void {
  runMap(program, 'sqrtBackward', [dx, dy, y]);
}

export function abs(y: Floats, x: Floats): void {
  runMap(program, 'abs', [x, y]);
}

export function absBackward(dx: Floats, dy: Floats, x: Floats): void {
  runMap(program, 'absBackward', [dx, dy, x]);
}

export function scale(y: Floats, x: Floats, factor: number): void {
  runMap(program, 'scale', [x, y], [factor]);
}

export function scaleBackward(dx: Floats, dy: Floats, factor: number): void {
  runMap(program, 'scaleBackward', [dx, dy], [factor]);
}

export function accumulate(dx: Floats, dy: Floats): void {
  runMap(program, 'accumulate', [dx, dy]);
}
