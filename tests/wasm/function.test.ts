import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import type { FunctionBuilder } from '../../src/wasm/function.js';
import { ModuleBuilder } from '../../src/wasm/module.js';
import { F32, F64, I32 } from '../../src/wasm/scalars.js';
import { F32x4, I32x4 } from '../../src/wasm/vectors.js';
import { assemble, validate } from '../../testing/wasm.js';

const builder = (): ModuleBuilder => new ModuleBuilder({ fma: false, shared: false, maximumPages: 1 });

describe('loops and conditions', () => {
  it('a loop visits from, from + step, ... below to, as JavaScript does', async () => {
    const { run, ints } = await assemble({ from: 'i32', to: 'i32', step: 'i32' }, (f, { from, to, step }) => {
      const count = f.i32();
      const sum = f.i32();
      f.loop(from, to, step, (i) => {
        count.set(count.add(1));
        sum.set(sum.add(i));
      });
      f.store(I32.of(0), count);
      f.store(I32.of(4), sum);
    });
    const small = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(small, small, fc.integer({ min: 1, max: 7 }), (from, to, step) => {
        let [count, sum] = [0, 0];
        for (let i = from; i < to; i += step) [count, sum] = [count + 1, sum + i];
        run(from, to, step);
        expect([ints[0], ints[1]]).toEqual([count, sum]);
      }),
    );
  });

  it('loops nest, and their limits are read anew at every turn', async () => {
    const { run, ints } = await assemble({ n: 'i32' }, (f, { n }) => {
      const turns = f.i32();
      f.loop(0, n, 1, (i) => f.loop(i, n, 1, () => f.loop(0, 2, 1, () => turns.set(turns.add(1)))));
      f.store(I32.of(0), turns);
      const end = f.i32(n);
      const shrinking = f.i32();
      f.loop(0, end, 1, () => {
        end.set(end.sub(1));
        shrinking.set(shrinking.add(1));
      });
      f.store(I32.of(4), shrinking);
    });
    run(7);
    expect([ints[0], ints[1]]).toEqual([2 * 28, 4]);
    run(0);
    expect([ints[0], ints[1]]).toEqual([0, 0]);
  });

  it('while tests before each turn: the greatest common divisor', async () => {
    const { run, ints } = await assemble({ a: 'i32', b: 'i32' }, (f, { a, b }) => {
      f.while(
        () => b.ne(0),
        () => {
          const rest = f.let(a.rem(b));
          a.set(b);
          b.set(rest);
        },
      );
      f.store(I32.of(0), a);
    });
    run(84, 36);
    expect(ints[0]).toBe(12);
    run(5, 0);
    expect(ints[0]).toBe(5);
  });

  it('if, else and nested ifs take the branch that JavaScript takes', async () => {
    const { run, ints } = await assemble({ x: 'i32' }, (f, { x }) => {
      const y = f.i32(-1);
      f.if(
        x.gt(0),
        () => {
          f.if(
            x.gt(10),
            () => y.set(I32.of(3)),
            () => y.set(I32.of(2)),
          );
        },
        () => f.if(x.eq(0), () => y.set(I32.of(1))),
      );
      f.store(I32.of(0), y);
    });
    for (const [x, y] of [
      [11, 3],
      [10, 2],
      [0, 1],
      [-5, -1],
    ]) {
      run(x);
      expect(ints[0]).toBe(y);
    }
  });

  it('vectors with a scalar tail sum any length exactly', async () => {
    const { run, floats } = await assemble({ p: 'i32', n: 'i32' }, (f, { p, n }) => {
      const vector = f.let(F32x4.of(0));
      const whole = f.let(n.and(-4));
      f.loop(0, whole, 4, (i) => vector.set(vector.add(F32x4.load(p.add(i.shl(2))))));
      const total = f.let(vector.lane(0).add(vector.lane(1)).add(vector.lane(2)).add(vector.lane(3)));
      f.loop(whole, n, 1, (i) => total.set(total.add(F32.load(p.add(i.shl(2))))));
      f.store(I32.of(0), total);
    });
    for (let n = 0; n < 23; n++) {
      floats.fill(1000);
      for (let i = 0; i < n; i++) floats[16 + i] = i + 1;
      run(64, n);
      expect(floats[0]).toBe((n * (n + 1)) / 2);
    }
  });
});

describe('variables', () => {
  it('of every type hold what was set last; a value is computed where it is used', async () => {
    const { run, floats, ints, doubles } = await assemble({ a: 'i32', b: 'f32', c: 'f64' }, (f, { a, b, c }) => {
      const lazy = a.add(1);
      const fixed = f.let(a.add(1));
      a.set(I32.of(100));
      f.store(I32.of(0), lazy);
      f.store(I32.of(4), fixed);
      b.set(b.mul(2));
      f.store(I32.of(8), b);
      c.set(c.add(F64.of(0.5)));
      f.store(I32.of(16), c);
      const v = f.variable('f32x4');
      v.set(F32x4.of(b));
      f.store(I32.of(32), v);
      const m = f.variable('i32x4');
      f.store(I32.of(48), m);
    });
    run(5, 1.5, 2);
    expect([ints[0], ints[1], floats[2], doubles[2]]).toEqual([101, 6, 3, 2.5]);
    expect([...floats.subarray(8, 12), ...ints.subarray(12, 16)]).toEqual([3, 3, 3, 3, 0, 0, 0, 0]);
  });

  it('a function calls another with its own arguments', async () => {
    const module = builder();
    const put = module.func('put', { p: 'i32', x: 'f32' }, (f, { p, x }) => f.store(p, x));
    module.func('twice', { p: 'i32' }, (f, { p }) => {
      f.call(put, p, F32.of(7));
      f.call(put, p.add(4), F32.of(8));
    });
    await validate(module);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } });
    (exports.twice as (p: number) => void)(64);
    expect([...new Float32Array(memory.buffer, 64, 2)]).toEqual([7, 8]);
    expect(module.names).toEqual(['put', 'twice']);
  });
});

describe('a wrong type', () => {
  const wrong = (build: Parameters<typeof attempt>[0], message: string): void => {
    expect(() => attempt(build)).toThrow(new ArgumentError(message));
  };
  const attempt = (build: (f: FunctionBuilder) => void) => builder().func('f', {}, build);
  const [i, x, d] = [I32.of(1), F32.of(1), F64.of(1)];
  const [v, m] = [F32x4.of(1), I32x4.of(1)];
  // What the compiler refuses, but JavaScript or a cast lets through.
  const as = <T>(value: unknown): T => value as T;

  it('throws at once, with both types in the message', () => {
    wrong(() => i.add(as(v)), 'I32.of: needs an i32, but got f32x4.');
    wrong(() => x.mul(as(d)), 'F32.of: needs an f32, but got f64.');
    wrong(() => d.mul(as(x)), 'F64.of: needs an f64, but got f32.');
    wrong(() => v.add(as(m)), 'f32x4.add: needs an f32x4, but got i32x4.');
    wrong(() => m.and(as(v)), 'v128.and: needs an i32x4, but got f32x4.');
    wrong(() => v.lt(as(2)), 'f32x4.lt: needs an f32x4, but got number.');
    wrong(() => m.select(as(m), v), 'I32x4.select: needs an f32x4, but got i32x4.');
    wrong(() => F32x4.load(as(x)), 'F32x4.load: needs an i32, but got f32.');
    wrong((f) => f.store(as(x), v), 'store: needs an i32, but got f32.');
    wrong((f) => f.storeLane(i, as(m), 0), 'v128.store32_lane: needs an f32x4, but got i32x4.');
    wrong((f) => f.fma(v, as(x), v), 'f32x4.mul: needs an f32x4, but got f32.');
    wrong((f) => f.if(as(x), () => {}), 'if: needs an i32, but got f32.');
    wrong(
      (f) =>
        f.while(
          () => as(v),
          () => {},
        ),
      'if: needs an i32, but got f32x4.',
    );
    wrong((f) => f.let(x).set(as(d)), 'variable 0 of f: needs an f32, but got f64.');
    wrong((f) => f.let(v).set(as(undefined)), 'variable 0 of f: needs an f32x4, but got undefined.');
  });

  it('and so do lanes, offsets and calls that do not exist', () => {
    wrong(() => v.lane(4), 'lane: lane 4 must be a whole number from 0 to 3.');
    wrong(() => v.loadLane(i, -1), 'loadLane: lane -1 must be a whole number from 0 to 3.');
    wrong((f) => f.storeTwo(i, v, as(2)), 'storeTwo: lane 2 must be a whole number from 0 to 1.');
    wrong(() => v.shuffle(v, 0, 8, 1, 2), 'shuffle: lanes 0, 8, 1, 2 must be whole numbers from 0 to 7.');
    wrong(() => F32.load(i, -4), 'memory access: offset -4 must be a whole number >= 0.');
    wrong((f) => f.call(0), 'f: there is no function 0 to call.');
    const module = builder();
    const callee = module.func('g', { p: 'i32' }, () => {});
    expect(() => module.func('f', {}, (f) => f.call(callee))).toThrow('f: g takes 1 values, but got 0.');
    expect(() => module.func('f', {}, (f) => f.call(callee, x))).toThrow('value 0 of g: needs an i32, but got f32.');
  });
});

describe('vector constants', () => {
  it('are set once, at the start of the function, whatever loop they stand in; zero stays where it is', async () => {
    const module = builder();
    module.func('f', { p: 'i32', n: 'i32' }, (f, { p, n }) => {
      f.loop(0, n, 1, () => {
        f.store(p, F32x4.load(p).mul(F32x4.of(3)).add(F32x4.of(3)).max(F32x4.of(0)));
        f.store(p, F32x4.of(5), 16);
      });
    });
    const text = await validate(module);
    const before = text.slice(0, text.indexOf('loop'));
    const inside = text.slice(text.indexOf('loop'));
    expect(before.match(/v128\.const/g)).toHaveLength(2);
    expect(inside.match(/v128\.const/g)).toHaveLength(1);
  });
});

describe('text', () => {
  it('is what was emitted: the same instructions, in the order of the independent reader', async () => {
    const module = builder();
    module.func('axpy', { y: 'i32', x: 'i32', n: 'i32', a: 'f32' }, (f, { y, x, n, a }) => {
      const scale = f.let(F32x4.of(a));
      f.loop(0, n, 4, (i) => {
        const at = f.let(i.shl(2));
        f.store(y.add(at), f.fma(F32x4.load(x.add(at), 16), scale, F32x4.of(0.5)), 32);
      });
      f.if(
        n.below(4),
        () => f.storeLane(y, scale, 1, 8),
        () => f.store(y, n),
      );
    });
    const theirs = await validate(module);
    const instructionsOf = (text: string): string[] =>
      text.match(/\b(?:[a-z]\d*\w*x?\d*\.\w+|local\.(?:get|set)|br_if|loop|if|else|select)\b/g) ?? [];
    expect(instructionsOf(module.text()).sort()).toEqual(instructionsOf(theirs).sort());
    expect(module.text()).toContain('(func $axpy (param $0 i32) (param $1 i32) (param $2 i32) (param $3 f32)');
    expect(module.text()).toContain('(local.set 4 (f32x4.splat (local.get 3)))');
    expect(module.text()).toMatch(/\(v128\.store offset=32 \(i32\.add \(local\.get 0\) \(local\.get 6\)\)/);
    expect(theirs).toMatch(/v128\.store offset=32/);
  });
});
