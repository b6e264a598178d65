import type { Floats } from '../../../memory/memory.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { HEAVY_GRAIN, map, mapProgram } from './map.js';
import { exp as emitExp, log as emitLog } from './math.js';

const forward = { reads: ['x'], writes: ['y'] } as const;
const withY = { reads: ['dx', 'dy', 'y'], writes: ['dx'] } as const;
const withX = { reads: ['dx', 'dy', 'x'], writes: ['dx'] } as const;
const fromDy = { reads: ['dx', 'dy'], writes: ['dx'] } as const;

const maps = mapProgram('elementwise', {
  exp: map({ ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitExp(f, x) })),
  log: map({ ...forward, unroll: 2 }, [], (f, { x }) => ({ y: emitLog(f, x) })),
  sqrt: map(forward, [], (_f, { x }) => ({ y: x.sqrt() })),
  abs: map(forward, [], (_f, { x }) => ({ y: x.abs() })),
  scale: map(forward, ['factor'], (_f, { x }, { factor }) => ({ y: x.mul(factor) })),
  expBackward: map(withY, [], (f, { dx, dy, y }) => ({ dx: f.fma(dy, y, dx) })),
  logBackward: map(withX, [], (_f, { dx, dy, x }) => ({ dx: dx.add(dy.div(x)) })),
  sqrtBackward: map(withY, [], (_f, { dx, dy, y }) => ({ dx: dx.add(dy.div(y.add(y))) })),
  // dy with the sign of x; 0 where x is 0, NaN where x is.
  absBackward: map(withX, [], (_f, { dx, dy, x }) => {
    const signed = x
      .bits()
      .and(I32x4.of(0x80000000 | 0))
      .xor(dy.bits())
      .asF32x4();
    const slope = x.ne(F32x4.of(0)).mask(signed);
    return { dx: dx.add(x.eq(x).select(slope, x)) };
  }),
  scaleBackward: map(fromDy, ['factor'], (f, { dx, dy }, { factor }) => ({
    dx: f.fma(factor, dy, dx),
  })),
  accumulate: map(fromDy, [], (_f, { dx, dy }) => ({ dx: dx.add(dy) })),
});

/** Numerics: within 1.1 ulp (math.ts). */
export function exp(y: Floats, x: Floats): void {
  maps.exp({ x, y }, HEAVY_GRAIN);
}

export function expBackward(dx: Floats, dy: Floats, y: Floats): void {
  maps.expBackward({ dx, dy, y });
}

/** Numerics: within 1 ulp (math.ts). */
export function log(y: Floats, x: Floats): void {
  maps.log({ x, y }, HEAVY_GRAIN);
}

export function logBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.logBackward({ dx, dy, x });
}

export function sqrt(y: Floats, x: Floats): void {
  maps.sqrt({ x, y });
}

export function sqrtBackward(dx: Floats, dy: Floats, y: Floats): void {
  maps.sqrtBackward({ dx, dy, y });
}

export function abs(y: Floats, x: Floats): void {
  maps.abs({ x, y });
}

export function absBackward(dx: Floats, dy: Floats, x: Floats): void {
  maps.absBackward({ dx, dy, x });
}

export function scale(y: Floats, x: Floats, factor: number): void {
  maps.scale({ x, y, factor });
}

export function scaleBackward(dx: Floats, dy: Floats, factor: number): void {
  maps.scaleBackward({ dx, dy, factor });
}

export function accumulate(dx: Floats, dy: Floats): void {
  maps.accumulate({ dx, dy });
}
