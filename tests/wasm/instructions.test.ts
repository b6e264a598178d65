import { afterAll, describe, expect, it } from 'vitest';
import { node, type Value } from '../../src/wasm/expression.js';
import { wasmFeatures } from '../../src/wasm/features.js';
import type { FunctionBuilder } from '../../src/wasm/function.js';
import { type Instruction, instructions } from '../../src/wasm/instructions.js';
import { F32, F64, I32 } from '../../src/wasm/scalars.js';
import { F32x4, F64x2, I32x4 } from '../../src/wasm/vectors.js';
import { assemble } from '../../testing/wasm.js';

const INTS = [0, 1, -1, 7, -7, 31, 33, 1000, 2 ** 31 - 1, -(2 ** 31), 0x55555555];
const FLOATS = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 3.7, -3.2, 1e-42, 16777217, 3e9, -3e9, Infinity, -Infinity, NaN];

/** Where the inputs and the output of a test lie in memory. */
const [A, B, C, OUT] = [0, 16, 32, 64];

const seen = new Set<string>();

type Lanes = readonly number[];
type Numbers = 'ints' | 'floats' | 'doubles';

/** Runs `build` on vectors of `values`, a[k] beside b[k + shift] for every shift, and compares with `expected` lane by lane. */
async function check(
  input: Numbers,
  output: Numbers,
  lanes: number,
  build: (f: FunctionBuilder, a: I32, b: I32, c: I32) => Value,
  expected: (a: number, b: number, c: number) => number,
): Promise<void> {
  const { run, module, ...memory } = await assemble({ a: 'i32', b: 'i32', c: 'i32' }, (f, { a, b, c }) => {
    f.store(I32.of(OUT), build(f, a, b, c) as F32x4);
  });
  for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
  const values = input === 'ints' ? INTS : FLOATS;
  const width = input === 'doubles' ? 8 : 4;
  for (let first = 0; first < values.length; first++) {
    for (let shift = 0; shift < values.length; shift++) {
      const at = (k: number): number => values[k % values.length];
      const rows: Lanes[] = [0, 1, 2].map((row) =>
        Array.from({ length: lanes }, (_, lane) => at(first + lane + row * shift)),
      );
      for (const [r, row] of rows.entries()) memory[input].set(row, (16 * r) / width);
      const stored = rows.map((row, r) => row.map((_, lane) => memory[input][(16 * r) / width + lane]));
      run(A, B, C);
      for (let lane = 0; lane < lanes; lane++) {
        const answer = memory[output][OUT / (output === 'doubles' ? 8 : 4) + lane];
        const wanted = Array.of(expected(stored[0][lane], stored[1][lane], stored[2][lane]));
        const rounded = output === 'floats' ? Math.fround(wanted[0]) : output === 'ints' ? wanted[0] | 0 : wanted[0];
        if (!Object.is(answer, rounded)) {
          expect.fail(`of ${stored.map((row) => row[lane]).join(', ')} came ${answer}, expected ${rounded}`);
        }
      }
    }
  }
}

/** An instruction without a method of its own. */
const raw = (name: Instruction, ...operands: Value[]) =>
  node(
    name,
    operands.map((o) => o.node),
  );

const minimum = (a: number, b: number): number => Math.min(a, b);
const maximum = (a: number, b: number): number => Math.max(a, b);
const bool = (b: boolean): number => (b ? 1 : 0);
const mask = (b: boolean): number => (b ? -1 : 0);
const nearest = (x: number): number => {
  if (!Number.isFinite(x) || Number.isInteger(x)) return x;
  const down = Math.floor(x);
  const up = x - down === 0.5 ? down + (down & 1) : Math.round(x);
  return up === 0 && x < 0 ? -0 : up;
};
const saturate = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x)));
const bitsOf = (x: number): number => new Int32Array(Float32Array.of(x).buffer)[0];
const ofBits = (x: number): number => new Float32Array(Int32Array.of(x).buffer)[0];

type Binary<V, R = V> = [name: string, (a: V, b: V) => R, (a: number, b: number) => number];
type Unary<V, R> = [name: string, (a: V) => R, (a: number) => number];

describe('i32', () => {
  const binary: Binary<I32>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b), (a, b) => Math.imul(a, b)],
    ['and', (a, b) => a.and(b), (a, b) => a & b],
    ['or', (a, b) => a.or(b), (a, b) => a | b],
    ['xor', (a, b) => a.xor(b), (a, b) => a ^ b],
    ['shl', (a, b) => a.shl(b), (a, b) => a << b],
    ['shr', (a, b) => a.shr(b), (a, b) => a >>> b],
    ['shr_s', (a, b) => new I32(raw('i32.shr_s', a, b)), (a, b) => a >> b],
    ['eq', (a, b) => a.eq(b), (a, b) => bool(a === b)],
    ['ne', (a, b) => a.ne(b), (a, b) => bool(a !== b)],
    ['lt', (a, b) => a.lt(b), (a, b) => bool(a < b)],
    ['le', (a, b) => a.le(b), (a, b) => bool(a <= b)],
    ['gt', (a, b) => a.gt(b), (a, b) => bool(a > b)],
    ['ge', (a, b) => a.ge(b), (a, b) => bool(a >= b)],
    ['below', (a, b) => a.below(b), (a, b) => bool(a >>> 0 < b >>> 0)],
    ['gt_u', (a, b) => new I32(raw('i32.gt_u', a, b)), (a, b) => bool(a >>> 0 > b >>> 0)],
    ['le_u', (a, b) => new I32(raw('i32.le_u', a, b)), (a, b) => bool(a >>> 0 <= b >>> 0)],
    ['ge_u', (a, b) => new I32(raw('i32.ge_u', a, b)), (a, b) => bool(a >>> 0 >= b >>> 0)],
    ['min', (a, b) => a.min(b), (a, b) => Math.min(a, b)],
    ['max', (a, b) => a.max(b), (a, b) => Math.max(a, b)],
    // |b| | 1 is never 0, and -(2^31) / -1, which traps, cannot come.
    ['div', (a, b) => a.div(b.shr(1).or(1)), (a, b) => a / ((b >>> 1) | 1)],
    ['rem', (a, b) => a.rem(b.shr(1).or(1)), (a, b) => a % ((b >>> 1) | 1)],
    ['div_u', (a, b) => new I32(raw('i32.div_u', a, b.or(1))), (a, b) => (a >>> 0) / ((b | 1) >>> 0)],
    ['rem_u', (a, b) => new I32(raw('i32.rem_u', a, b.or(1))), (a, b) => (a >>> 0) % ((b | 1) >>> 0)],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    await check('ints', 'ints', 1, (_, a, b) => method(I32.load(a), I32.load(b)), js);
  });

  it('constants: neutral ones vanish, powers of two become shifts', async () => {
    for (const [build, js] of [
      [(a: I32) => a.add(0).sub(0).mul(1), (a: number) => a],
      [(a: I32) => a.mul(8), (a: number) => Math.imul(a, 8)],
      [(a: I32) => a.mul(-12).add(-129), (a: number) => Math.imul(a, -12) - 129],
      [(a: I32) => a.not(), (a: number) => bool(a === 0)],
      [(a: I32) => a.gt(5).select(I32.of(2 ** 31 - 1), a), (a: number) => (a > 5 ? 2 ** 31 - 1 : a)],
    ] as const) {
      await check('ints', 'ints', 1, (_, a) => build(I32.load(a)), js);
    }
    expect(I32.of(3).mul(1).node.operator).toBe('i32.const');
    expect(I32.load(I32.of(0)).mul(64).node.operator).toBe('i32.shl');
  });

  it('to floats and back, and single bytes', async () => {
    await check(
      'ints',
      'floats',
      1,
      (_, a) => I32.load(a).toF32(),
      (a) => a,
    );
    await check(
      'ints',
      'doubles',
      1,
      (_, a) => I32.load(a).toF64(),
      (a) => a,
    );
    await check(
      'ints',
      'floats',
      1,
      (_, a) => new F32(raw('f32.convert_i32_u', I32.load(a))),
      (a) => a >>> 0,
    );
    await check(
      'ints',
      'ints',
      1,
      (_, a) => new F32(raw('f32.reinterpret_i32', I32.load(a).and(0xffffff))).bits(),
      (a) => a & 0xffffff,
    );
    await check(
      'ints',
      'ints',
      1,
      (_, a) => new I32(node('i32.load8_u', [a.node], [0, 1])),
      (a) => (a >> 8) & 255,
    );
  });
});

describe('f32', () => {
  const binary: Binary<F32>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b), (a, b) => a * b],
    ['div', (a, b) => a.div(b), (a, b) => a / b],
    ['min', (a, b) => a.min(b), minimum],
    ['max', (a, b) => a.max(b), maximum],
  ];
  const comparisons: Binary<F32, I32>[] = [
    ['lt', (a, b) => a.lt(b), (a, b) => bool(a < b)],
    ['le', (a, b) => new I32(raw('f32.le', a, b)), (a, b) => bool(a <= b)],
    ['gt', (a, b) => a.gt(b), (a, b) => bool(a > b)],
    ['ge', (a, b) => a.ge(b), (a, b) => bool(a >= b)],
    ['eq', (a, b) => a.eq(b), (a, b) => bool(a === b)],
    ['ne', (a, b) => a.ne(b), (a, b) => bool(a !== b)],
  ];
  const unary: Unary<F32, F32>[] = [
    ['abs', (a) => a.abs(), Math.abs],
    ['neg', (a) => a.neg(), (a) => -a],
    ['sqrt', (a) => a.sqrt(), Math.sqrt],
    ['ceil', (a) => new F32(raw('f32.ceil', a)), Math.ceil],
    ['floor', (a) => new F32(raw('f32.floor', a)), Math.floor],
    ['nearest', (a) => new F32(raw('f32.nearest', a)), nearest],
    ['constants', (a) => a.mul(0.1).add(3), (a) => Math.fround(a * Math.fround(0.1)) + 3],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    await check('floats', 'floats', 1, (_, a, b) => method(F32.load(a), F32.load(b)), js);
  });
  it.each(comparisons)('%s', async (_, method, js) => {
    await check('floats', 'ints', 1, (_, a, b) => method(F32.load(a), F32.load(b)), js);
  });
  it.each(unary)('%s', async (_, method, js) => {
    await check('floats', 'floats', 1, (_, a) => method(F32.load(a)), js);
  });
  it('bits, and to a double', async () => {
    await check('floats', 'ints', 1, (_, a) => F32.load(a).bits(), bitsOf);
    await check(
      'floats',
      'doubles',
      1,
      (_, a) => F32.load(a).toF64(),
      (a) => a,
    );
  });
});

describe('f64', () => {
  const binary: Binary<F64>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b).mul(0.1), (a, b) => a * b * 0.1],
    ['div', (a, b) => a.div(b), (a, b) => a / b],
    ['min', (a, b) => new F64(raw('f64.min', a, b)), minimum],
    ['max', (a, b) => new F64(raw('f64.max', a, b)), maximum],
    ['sqrt', (a) => a.sqrt(), Math.sqrt],
    ['abs', (a) => new F64(raw('f64.abs', a)), Math.abs],
    ['neg', (a) => new F64(raw('f64.neg', a)), (a) => -a],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    await check('doubles', 'doubles', 1, (_, a, b) => method(F64.load(a), F64.load(b)), js);
  });
  it('comparisons, and to a float', async () => {
    const [lt, gt] = (['f64.lt', 'f64.gt'] as const).map(
      (name) => (a: I32, b: I32) => new I32(raw(name, F64.load(a), F64.load(b))),
    );
    await check(
      'doubles',
      'ints',
      1,
      (_, a, b) => lt(a, b),
      (a, b) => bool(a < b),
    );
    await check(
      'doubles',
      'ints',
      1,
      (_, a, b) => gt(a, b),
      (a, b) => bool(a > b),
    );
    await check(
      'doubles',
      'floats',
      1,
      (_, a) => F64.load(a).toF32(),
      (a) => a,
    );
  });
});

describe('f32x4', () => {
  const binary: Binary<F32x4>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b), (a, b) => a * b],
    ['div', (a, b) => a.div(b), (a, b) => a / b],
    ['min', (a, b) => a.min(b), minimum],
    ['max', (a, b) => a.max(b), maximum],
    ['pmin', (a, b) => a.pmin(b), (a, b) => (b < a ? b : a)],
    ['pmax', (a, b) => a.pmax(b), (a, b) => (a < b ? b : a)],
    ['abs', (a) => a.abs(), Math.abs],
    ['neg', (a) => a.neg(), (a) => -a],
    ['sqrt', (a) => a.sqrt(), Math.sqrt],
    ['floor', (a) => a.floor(), Math.floor],
    ['nearest', (a) => a.nearest(), nearest],
    ['ceil', (a) => new F32x4(raw('f32x4.ceil', a)), Math.ceil],
    ['trunc', (a) => new F32x4(raw('f32x4.trunc', a)), Math.trunc],
    ['constants', (a) => a.add(F32x4.of(0.1)), (a) => a + Math.fround(0.1)],
    ['select', (a, b) => a.lt(b).select(b, a), (a, b) => (a < b ? b : a)],
    ['mask', (a, b) => a.gt(b).mask(a), (a, b) => (a > b ? a : 0)],
    ['clear', (a, b) => a.gt(b).clear(a), (a, b) => (a > b ? 0 : a)],
  ];
  const toInts: Binary<F32x4, I32x4>[] = [
    ['eq', (a, b) => a.eq(b), (a, b) => mask(a === b)],
    ['ne', (a, b) => a.ne(b), (a, b) => mask(a !== b)],
    ['lt', (a, b) => a.lt(b), (a, b) => mask(a < b)],
    ['gt', (a, b) => a.gt(b), (a, b) => mask(a > b)],
    ['le', (a, b) => a.le(b), (a, b) => mask(a <= b)],
    ['ge', (a, b) => a.ge(b), (a, b) => mask(a >= b)],
    ['bits', (a) => a.bits(), bitsOf],
    ['toI32x4', (a) => a.toI32x4(), saturate],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    await check('floats', 'floats', 4, (_, a, b) => method(F32x4.load(a), F32x4.load(b)), js);
  });
  it.each(toInts)('%s', async (_, method, js) => {
    await check('floats', 'ints', 4, (_, a, b) => method(F32x4.load(a), F32x4.load(b)), js);
  });

  it('fma is a product and a sum without fusion, and both signs', async () => {
    const load = (p: I32) => F32x4.load(p);
    const product = (a: number, b: number): number => Math.fround(a * b);
    await check(
      'floats',
      'floats',
      4,
      (f, a, b, c) => f.fma(load(a), load(b), load(c)),
      (a, b, c) => product(a, b) + c,
    );
    await check(
      'floats',
      'floats',
      4,
      (f, a, b, c) => f.fnma(load(a), load(b), load(c)),
      (a, b, c) => c - product(a, b),
    );
  });

  it('fma with fusion is valid, and rounds once or twice', async () => {
    for (const sign of [1, -1]) {
      const parts = { a: 'i32', b: 'i32', c: 'i32' } as const;
      const build = (f: FunctionBuilder, p: { a: I32; b: I32; c: I32 }): void => {
        const [a, b, c] = [p.a, p.b, p.c].map((v) => F32x4.load(v));
        f.store(I32.of(OUT), sign === 1 ? f.fma(a, b, c) : f.fnma(a, b, c));
      };
      if (!wasmFeatures().relaxedSimd) {
        await expect(assemble(parts, build, { fma: true })).rejects.toThrow(WebAssembly.CompileError);
        seen.add(sign === 1 ? 'f32x4.relaxed_madd' : 'f32x4.relaxed_nmadd');
        continue;
      }
      const { run, floats, module } = await assemble(parts, build, { fma: true });
      for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
      const x = 1 + 2 ** -12;
      floats.set([x, 2, 3, 4, x, 5, 6, 7, -sign, 8, 9, 10]);
      run(A, B, C);
      const lanes = [...floats.subarray(OUT / 4, OUT / 4 + 4)];
      expect(lanes.slice(1)).toEqual([sign * 10 + 8, sign * 18 + 9, sign * 28 + 10]);
      expect([2 ** -11, 2 ** -11 + 2 ** -24]).toContain(lanes[0] * sign);
    }
  });

  it('loads, splats, shuffles and lanes', async () => {
    const { run, floats, module } = await assemble({ p: 'i32', q: 'i32' }, (f, { p, q }) => {
      const a = f.let(F32x4.load(p));
      const b = f.let(F32x4.load(p, 16));
      const results: F32x4[] = [
        F32x4.splat(p, 8),
        F32x4.loadOne(p, 4),
        F32x4.loadTwo(p, 8),
        F32x4.loadTwo(p).loadUpperTwo(p, 24),
        a.loadLane(p, 3, 16),
        a.shuffle(b, 7, 0, 4, 3),
        F32x4.of(b.lane(2)),
        F32x4.of(F32.of(9)),
        new F32x4(node('f32x4.replace_lane', [a.node, F32.of(9).node], [1])),
        new F32x4(node('v128.load8_splat', [p.node], [0, 0])),
        new F32x4(node('v128.load64_splat', [p.node], [2, 8])),
      ];
      for (const [i, v] of results.entries()) f.store(q, v, 16 * i);
      f.storeLane(q, a, 2, 16 * results.length);
      f.storeTwo(q, b, 1, 16 * results.length + 4);
    });
    for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
    floats.set([1, 2, 3, 4, 5, 6, 7, 8]);
    run(0, 1024);
    const rows = Array.from({ length: 12 }, (_, i) => [...floats.subarray(256 + 4 * i, 260 + 4 * i)]);
    expect(rows).toEqual([
      [3, 3, 3, 3],
      [2, 0, 0, 0],
      [3, 4, 0, 0],
      [1, 2, 7, 8],
      [1, 2, 3, 5],
      [8, 1, 5, 4],
      [7, 7, 7, 7],
      [9, 9, 9, 9],
      [1, 9, 3, 4],
      [0, 0, 0, 0],
      [3, 4, 3, 4],
      [3, 7, 8, 0],
    ]);
  });
});

describe('i32x4', () => {
  const binary: Binary<I32x4>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b), (a, b) => Math.imul(a, b)],
    ['and', (a, b) => a.and(b), (a, b) => a & b],
    ['or', (a, b) => a.or(b), (a, b) => a | b],
    ['xor', (a, b) => a.xor(b), (a, b) => a ^ b],
    ['not', (a) => a.not(), (a) => ~a],
    ['eq', (a, b) => a.eq(b), (a, b) => mask(a === b)],
    ['gt', (a, b) => a.gt(b), (a, b) => mask(a > b)],
    ['below', (a, b) => a.below(b), (a, b) => mask(a >>> 0 < b >>> 0)],
    ['ne', (a, b) => new I32x4(raw('i32x4.ne', a, b)), (a, b) => mask(a !== b)],
    ['lt_s', (a, b) => new I32x4(raw('i32x4.lt_s', a, b)), (a, b) => mask(a < b)],
    ['gt_u', (a, b) => new I32x4(raw('i32x4.gt_u', a, b)), (a, b) => mask(a >>> 0 > b >>> 0)],
    ['min_s', (a, b) => new I32x4(raw('i32x4.min_s', a, b)), minimum],
    ['max_s', (a, b) => new I32x4(raw('i32x4.max_s', a, b)), maximum],
    ['andnot', (a, b) => new I32x4(raw('v128.andnot', a, b)), (a, b) => a & ~b],
    ['shl', (a) => a.shl(5), (a) => a << 5],
    ['shr', (a) => a.shr(I32.of(7)), (a) => a >>> 7],
    ['shrSigned', (a) => a.shrSigned(23), (a) => a >> 23],
    ['splats', (a) => a.add(I32x4.of(-3)).add(I32x4.of(I32.of(5))), (a) => a + 2],
    [
      'lane and any',
      (a, b) =>
        I32x4.of(a.eq(b).any())
          .sub(I32x4.of(a.eq(b).any()))
          .add(a),
      (a) => a,
    ],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    const load = (p: I32): I32x4 => F32x4.load(p).bits();
    await check('ints', 'ints', 4, (_, a, b) => method(load(a), load(b)), js);
  });

  it('to floats, and bits as floats', async () => {
    await check(
      'ints',
      'floats',
      4,
      (_, a) => F32x4.load(a).bits().toF32x4(),
      (a) => a,
    );
    await check(
      'ints',
      'floats',
      4,
      (_, a) => new F32x4(raw('f32x4.convert_i32x4_u', F32x4.load(a))),
      (a) => a >>> 0,
    );
    await check(
      'ints',
      'floats',
      4,
      (_, a) => F32x4.load(a).bits().and(I32x4.of(0xffffff)).asF32x4(),
      (a) => ofBits(a & 0xffffff),
    );
  });

  it('takes lanes out, puts one in, and knows whether any bit is set', async () => {
    const { run, ints, module } = await assemble({ p: 'i32' }, (f, { p }) => {
      const v = f.let(I32x4.lanes(10, -20, 30, -40));
      f.store(p, v.lane(3));
      f.store(p, v.any(), 4);
      f.store(p, v.xor(v).any(), 8);
      f.store(p, new I32x4(node('i32x4.replace_lane', [v.node, I32.of(7).node], [2])), 16);
    });
    for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
    run(0);
    expect([...ints.subarray(0, 8)]).toEqual([-40, 1, 0, 0, 10, -20, 7, -40]);
  });
});

describe('bytes and numbers of 16 bits', () => {
  it('are widened, multiplied in pairs, shuffled and narrowed', async () => {
    const { run, ints, module } = await assemble({ p: 'i32' }, (f, { p }) => {
      const bytes = f.let(F32x4.load(p).bits());
      f.store(p, bytes.extendBytes(0).dot16(I32x4.of(3 + (-2 << 16))), 16);
      f.store(p, bytes.extendBytes(1), 32);
      f.store(p, bytes.shuffleBytes(I32x4.of(0), [15, 14, 13, 12, 16, 16, 16, 16, 0, 0, 0, 0, 31, 31, 31, 31]), 48);
      const wide = f.let(I32x4.lanes(70000, -70000, 300, -5));
      const narrow = f.let(wide.narrow(I32x4.lanes(1, 2, 3, 255)));
      f.store(p, narrow, 64);
      f.store(p, narrow.narrowToBytes(narrow), 80);
      f.store(p, narrow.add16(narrow).sub16(I32x4.of(1 + (2 << 16))), 96);
      f.store(p, narrow.shl16(4).shr16(8), 112);
      f.storeShort(p, I32.of(-2), 128);
      f.store(p, I32.loadByte(p, 7).add(I32.of(-16).shrSigned(2)), 132);
    });
    for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
    const bytes = new Uint8Array(ints.buffer);
    bytes.set([1, 2, 255, 255, 0, 9, 7, 200, 8, 9, 10, 11, 12, 13, 14, 15]);
    run(0);
    expect([...ints.subarray(4, 8)]).toEqual([3 - 4, 255, -18, 21 - 400]);
    expect([...new Uint16Array(ints.buffer, 32, 8)]).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect([...bytes.subarray(48, 64)]).toEqual([15, 14, 13, 12, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
    expect([...new Int16Array(ints.buffer, 64, 8)]).toEqual([32767, -32768, 300, -5, 1, 2, 3, 255]);
    expect([...bytes.subarray(80, 88)]).toEqual([255, 0, 255, 0, 1, 2, 3, 255]);
    expect([...new Int16Array(ints.buffer, 96, 8)]).toEqual([-3, -2, 599, -12, 1, 2, 5, 508]);
    expect([...new Uint16Array(ints.buffer, 112, 8)]).toEqual([255, 0, 18, 255, 0, 0, 0, 15]);
    expect([...new Uint16Array(ints.buffer, 128, 2)]).toEqual([0xfffe, 0]);
    expect(ints[33]).toBe(196);
    expect(() => I32x4.of(0).shuffleBytes(I32x4.of(0), [32])).toThrow('must be 16 whole numbers from 0 to 31');
  });

  it('keep their sign where they are signed', async () => {
    const { run, ints, module } = await assemble({ p: 'i32' }, (f, { p }) => {
      const bytes = f.let(I32x4.load(p));
      f.store(p, I32x4.loadBytes(p), 16);
      f.store(p, bytes.extendSignedBytes(0).mul16(I32x4.splatShort(I32.of(-3))), 32);
      const upper = f.let(bytes.extendSignedBytes(1));
      f.store(p, upper.extendShorts(0), 48);
      f.store(p, upper.extendShorts(1), 64);
      f.store(p, I32x4.loadWord(p, 4), 80);
      f.store(p, I32x4.splatWord(p, 4), 96);
      f.store(p, bytes.maxBytes(I32x4.splatByte(I32.of(-2))), 112);
      const wide = f.let(I32x4.lanes(200, -200, 5, -5));
      const narrow = f.let(wide.narrow(wide));
      f.store(p, narrow.narrowToSignedBytes(narrow), 128);
      f.store(p, I32.loadSignedByte(p, 1), 144);
      f.storeByte(p, I32.of(0x1ff), 148);
    });
    for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
    const bytes = new Int8Array(ints.buffer);
    const given = [1, -2, 127, -128, 0, 9, -7, 100, -8, 9, -10, 11, -12, 13, -14, 15];
    bytes.set(given);
    run(0);
    expect([...new Int16Array(ints.buffer, 16, 8)]).toEqual(given.slice(0, 8));
    expect([...new Int16Array(ints.buffer, 32, 8)]).toEqual(given.slice(0, 8).map((v) => v * -3 + 0));
    expect([...ints.subarray(12, 20)]).toEqual(given.slice(8));
    expect([...ints.subarray(20, 24)]).toEqual([ints[1], 0, 0, 0]);
    expect([...ints.subarray(24, 28)]).toEqual([ints[1], ints[1], ints[1], ints[1]]);
    expect([...bytes.subarray(112, 128)]).toEqual(given.map((v) => Math.max(v, -2)));
    expect([...bytes.subarray(128, 136)]).toEqual([127, -128, 5, -5, 127, -128, 5, -5]);
    expect([ints[36], bytes[148], bytes[149]]).toEqual([-2, -1, 0]);
  });

  it('are multiplied as bytes where the engine has relaxed SIMD', async () => {
    seen.add('i16x8.relaxed_dot_i8x16_i7x16_s');
    seen.add('i32x4.relaxed_dot_i8x16_i7x16_add_s');
    if (!wasmFeatures().relaxedSimd) return;
    const { run, ints } = await assemble({ p: 'i32' }, (f, { p }) => {
      f.store(p, I32x4.load(p).relaxedDotBytes(I32x4.load(p, 16)), 32);
      f.store(p, I32x4.load(p).relaxedDotBytesAdd(I32x4.load(p, 16), I32x4.lanes(0, 1, 100, -1)), 48);
    });
    const bytes = new Int8Array(ints.buffer);
    for (let i = 0; i < 16; i++) bytes.set([[127, -128, 5, -7][i % 4] as number], i);
    for (let i = 0; i < 16; i++) bytes.set([[127, 127, 0, 3][i % 4] as number], 16 + i);
    run(0);
    expect([...new Int16Array(ints.buffer, 32, 4)]).toEqual([-127, -21, -127, -21]);
    expect([...ints.subarray(12, 16)]).toEqual([-148, -147, -48, -149]);
  });
});

describe('f64x2', () => {
  const binary: Binary<F64x2>[] = [
    ['add', (a, b) => a.add(b), (a, b) => a + b],
    ['sub', (a, b) => a.sub(b), (a, b) => a - b],
    ['mul', (a, b) => a.mul(b), (a, b) => a * b],
    ['div', (a, b) => new F64x2(raw('f64x2.div', a, b)), (a, b) => a / b],
    ['pmin', (a, b) => a.pmin(b), (a, b) => (b < a ? b : a)],
    ['pmax', (a, b) => a.pmax(b), (a, b) => (a < b ? b : a)],
  ];
  it.each(binary)('%s', async (_, method, js) => {
    const load = (p: I32): F64x2 => new F64x2(F32x4.load(p).node);
    await check('doubles', 'doubles', 2, (_, a, b) => method(load(a), load(b)) as unknown as F32x4, js);
  });
  it('from floats and back, and single lanes', async () => {
    const { run, floats, doubles, module } = await assemble({ p: 'i32' }, (f, { p }) => {
      const low = f.let(F32x4.load(p).lowToF64x2());
      f.store(p, low.add(F64x2.of(0.5)).toF32x4(), 16);
      f.store(p, low.lane(1), 32);
    });
    for (const [name] of module.text().matchAll(/[a-z]\w*\.\w+/g)) seen.add(name);
    floats.set([1.25, -3, 5, 7]);
    run(0);
    expect([...floats.subarray(4, 8)]).toEqual([1.75, -2.5, 0, 0]);
    expect(doubles[4]).toBe(-3);
  });
});

afterAll(() => {
  const missing = instructions.filter((name) => !seen.has(name));
  if (missing.length > 0) throw new Error(`no test runs ${missing.join(', ')}`);
});
