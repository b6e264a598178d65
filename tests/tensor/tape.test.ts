import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, ShapeError } from '../../src/base/errors.js';
import { withHeap } from '../../src/memory/memory.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sub } from '../../src/tensor/ops/math/sub.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { reshape } from '../../src/tensor/ops/shape/reshape.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { currentTape } from '../../src/tensor/scope.js';
import { Tape, withTape } from '../../src/tensor/tape.js';
import { keep, Tensor } from '../../src/tensor/tensor.js';
import { seed, wholes } from '../../testing/arbitraries.js';

describe('Tape', () => {
  it('records what runs while it is open, and nothing before or after', () => {
    const x = Tensor.from([1]);
    add(x, 1);
    const tape = new Tape();
    add(x, 1);
    expect([tape.length, currentTape()?.entries.length]).toEqual([1, 1]);
    tape.close();
    add(x, 1);
    expect([tape.length, currentTape()]).toEqual([0, null]);
  });

  it('releases everything at its end but parameters, what is kept, and what withTape returns', () => {
    withHeap({}, (heap) => {
      const p = new Parameter([1, 2]);
      const x = Tensor.from([3, 4]);
      const before = heap.liveBytes;
      let kept: Tensor | undefined;
      let lost: Tensor | undefined;
      const result = withTape(() => {
        lost = mul(p, x);
        kept = keep(add(lost, 1));
        return { y: add(kept, 1) };
      });
      expect([kept?.toArray(), result.y.toArray(), x.toArray()]).toEqual([
        [4, 9],
        [5, 10],
        [3, 4],
      ]);
      expect(() => lost?.data).toThrow(DisposedError);
      expect(() => lost?.data).toThrow(
        'the mul output [2] was released when its tape or scope closed. Call keep(tensor) inside to use it afterwards.',
      );
      kept?.dispose();
      result.y.dispose();
      expect(heap.liveBytes).toBe(before);
      expect(() => add(lost as Tensor, 1)).toThrow(DisposedError);
    });
  });

  it('closes at the end of a block with `using`, through Symbol.dispose', () => {
    const tape = new Tape();
    const y = Tensor.from([1]);
    tape[Symbol.dispose]();
    expect([y.disposed, currentTape()]).toEqual([true, null]);
  });

  it('closes when the function throws', () => {
    expect(() =>
      withTape(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(currentTape()).toBeNull();
  });

  it('gives the tape inside another one everything that runs meanwhile', () => {
    const x = Tensor.from([3]);
    withTape((outer) => {
      const y = mul(x, x);
      const inner = withTape((tape) => tape.gradient(mul(x, x), [x])[0]);
      expect(inner.item()).toBe(6);
      expect(outer.length).toBe(1);
      expect(outer.gradient(y, [x])[0].item()).toBe(6);
    });
  });

  it('walks back through values used twice: x + x, x * x, and a residual', () => {
    const x = Tensor.from([2, 3]);
    withTape((tape) => {
      expect(tape.gradient(add(x, x), [x])[0].toArray()).toEqual([2, 2]);
      expect(tape.gradient(mul(x, x), [x])[0].toArray()).toEqual([4, 6]);
      const y = add(x, mul(add(x, 1), x));
      expect(tape.gradient(y, [x])[0].toArray()).toEqual([6, 8]);
    });
  });

  it('gives gradients of inputs, of values on the way, and of the output itself, each in memory of its own', () => {
    const x = Tensor.from([2, 3]);
    withTape((tape) => {
      const a = add(x, 1);
      const b = reshape(a, [2, 1]);
      const y = add(b, b);
      const unused = Tensor.from([[1]]);
      const gradients = tape.gradient(y, [x, a, b, y, x, unused]);
      expect(gradients.map((g) => g.toArray())).toEqual([[2, 2], [2, 2], [[2], [2]], [[1], [1]], [2, 2], [[0]]]);
      gradients[0].data.fill(9);
      expect(gradients[1].toArray()).toEqual([2, 2]);
      expect(gradients[3].toArray()).toEqual([[1], [1]]);
    });
  });

  it('weighs the output with a cotangent', () => {
    const x = Tensor.from([2, 3]);
    const [dx] = withTape((tape) => tape.gradient(mul(x, x), [x], { cotangent: Tensor.from([10, -1]) }));
    expect(dx.toArray()).toEqual([40, -6]);
  });

  it('gives the same gradients when asked twice', () => {
    const x = Tensor.from([2, 3]);
    withTape((tape) => {
      const y = mul(add(x, 1), x);
      const [first] = tape.gradient(y, [x]);
      const [second] = tape.gradient(y, [x]);
      expect(second.data).toEqual(first.data);
    });
  });

  it('holds no more memory after the walk than the gradients', () => {
    withHeap({}, (heap) => {
      const x = Tensor.from(wholes(100, 1));
      withTape((tape) => {
        const y = sum(mul(add(x, 1), mul(x, x)));
        const before = heap.liveBytes;
        const [dx] = tape.gradient(y, [x]);
        expect(heap.liveBytes - before).toBe(512);
        dx.dispose();
        expect(heap.liveBytes).toBe(before);
      });
    });
  });

  it('releases each gradient as soon as it is used: a chain of fifty needs as many as a chain of two', () => {
    const peak = (length: number): number =>
      withHeap({}, (heap) => {
        const x = Tensor.from(wholes(100, 1));
        return withTape((tape) => {
          let y = x;
          for (let i = 0; i < length; i++) y = mul(y, x);
          const before = heap.liveBytes;
          tape.gradient(y, [x]);
          return heap.peakBytes - before;
        });
      });
    expect(peak(50)).toBe(peak(2));
  });

  it('takes any iterable of tensors for a gradient, read once, and says where there is none', () => {
    const [p, q] = [new Parameter([2]), new Parameter([3])];
    // As a program in JavaScript calls it: types ask for an array.
    const gradient = (tape: Tape, y: unknown, xs: unknown): Tensor[] => tape.gradient(y as Tensor, xs as Tensor[]);
    const parameters = function* (): Generator<Parameter> {
      yield p;
      yield q;
    };
    withTape((tape) => {
      const y = mul(p, q);
      for (const xs of [
        [p, q],
        new Set([p, q]),
        parameters(),
        new Map([
          [1, p],
          [2, q],
        ]).values(),
      ]) {
        expect(gradient(tape, y, xs).map((g) => g.item())).toEqual([3, 2]);
      }
      expect(gradient(tape, y, [])).toEqual([]);
      const spent = parameters();
      gradient(tape, y, spent);
      expect(() => gradient(tape, y, spent)).toThrow(
        'Tape.gradient: xs gave no Tensor. A generator such as model.parameters() is used up once read',
      );
      expect(() => gradient(tape, y, p)).toThrow('Tape.gradient: xs is a Parameter, but must be an array or another');
      expect(() => gradient(tape, y, new Map([['p', p]]))).toThrow(
        'Tape.gradient: xs[0] is an array of 2, but must be',
      );
      expect(() => gradient(tape, 3, [p])).toThrow('Tape.gradient: y is the number 3, but must be a Tensor.');
    });
  });

  it('says when a loss depends on no parameter, and why', () => {
    const p = new Parameter([2]);
    const x = Tensor.from([1]);
    const backward = (loss: () => Tensor) => () => withTape((tape) => tape.backward(loss()));
    expect(backward(() => sum(x))).toThrow(ArgumentError);
    expect(backward(() => sum(x))).toThrow(
      /no parameter that could be trained: none of the 1 recorded operations has one/,
    );
    expect(backward(() => mul(Tensor.from(mul(p, 2).data), x))).toThrow(
      /does not lead to the loss; data, item\(\), toArray/,
    );
    p.requiresGrad = false;
    expect(backward(() => sum(mul(p, x)))).toThrow('all 1 that were used are frozen (requiresGrad is false)');
    withTape((tape) => expect(tape.gradient(sum(mul(p, x)), [x])[0].item()).toBe(2));
    p.requiresGrad = true;
    backward(() => sum(mul(p, x)))();
    expect(p.grad?.item()).toBe(1);
  });

  it('says why it cannot walk', () => {
    const p = new Parameter([1, 2]);
    const outside = mul(p, p);
    const tape = new Tape();
    const y = mul(p, p);
    expect(() => tape.backward(y)).toThrow(ShapeError);
    expect(() => tape.backward(y)).toThrow(
      'Tape.backward: the loss has shape [2], but needs one value. Take mean(loss) or sum(loss) first.',
    );
    expect(() => tape.gradient(outside, [p])).toThrow(ArgumentError);
    expect(() => tape.gradient(outside, [p])).toThrow(
      'Tape.backward: the mul output [2] was not computed while this tape was open.',
    );
    expect(() => tape.gradient(y, [p], { cotangent: Tensor.ones([3]) })).toThrow(
      'Tape.gradient: the cotangent has shape [3], but y has [2].',
    );
    const loss = sum(y);
    tape.close();
    expect(() => tape.backward(loss)).toThrow(DisposedError);
    expect(() => tape.backward(loss)).toThrow('Tape.backward: this tape is closed; its records are gone.');
  });
});

/** A number that remembers its two inputs and slopes: differentiation forward from nothing but the definition. */
interface Scalar {
  value: number;
  /** The derivatives with respect to each leaf. */
  slopes: number[];
  /** Whether each leaf was used at all. */
  used: boolean[];
}

type Step = { op: 'add' | 'sub' | 'mul' | 'reshape' | 'scalar'; a: number; b: number };

describe('the gradients of a random graph', () => {
  const steps = fc.array(
    fc.record({
      op: fc.constantFrom<Step['op']>('add', 'add', 'add', 'sub', 'mul', 'reshape', 'reshape', 'scalar'),
      a: fc.nat(),
      b: fc.nat(),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('equal those of forward differentiation, whatever is shared, for leaves, parameters and values on the way', () => {
    fc.assert(
      fc.property(steps, seed, fc.nat(), (list, s, watched) => {
        // Tensors of [2] or [2, 1]; element 0 of each is followed by hand. Leaves: a tensor and two parameters.
        const leaves = [
          Tensor.from(wholes(2, s, 2)),
          new Parameter(wholes(2, `${s}p`, 2)),
          new Parameter(wholes(2, `${s}q`, 2)),
        ];
        const scalars: Scalar[] = leaves.map((leaf, i) => ({
          value: leaf.data[0],
          slopes: leaves.map((_, k) => (k === i ? 1 : 0)),
          used: leaves.map((_, k) => k === i),
        }));
        withTape((tape) => {
          const values = [...leaves];
          for (const { op, a, b } of list) {
            const [i, j] = [a % values.length, b % values.length];
            const [x, z] = [values[i], values[j]];
            const [u, v] = [scalars[i], scalars[j]];
            const used = u.used.map((one, k) => one || v.used[k]);
            // Operands meet in the shape of the first, so that no outer product arises.
            const other = (): Tensor => (z.shape.length === x.shape.length ? z : reshape(z, x.shape));
            if (op === 'reshape') {
              values.push(reshape(x, x.shape.length === 1 ? [2, 1] : [2]));
              scalars.push(u);
            } else if (op === 'scalar') {
              values.push(add(3, x));
              scalars.push({ ...u, value: u.value + 3 });
            } else if (op === 'mul') {
              values.push(mul(x, other()));
              scalars.push({
                value: u.value * v.value,
                slopes: u.slopes.map((d, k) => d * v.value + u.value * v.slopes[k]),
                used,
              });
            } else {
              const sign = op === 'add' ? 1 : -1;
              values.push((op === 'add' ? add : sub)(x, other()));
              scalars.push({
                value: u.value + sign * v.value,
                slopes: u.slopes.map((d, k) => d + sign * v.slopes[k]),
                used,
              });
            }
          }
          const y = values[values.length - 1];
          const expected = scalars[scalars.length - 1];
          // Products of many small whole numbers may leave what float32 holds exactly.
          if (scalars.some(({ value, slopes }) => [value, ...slopes].some((n) => Math.abs(n) > 2 ** 22))) return;
          expect(y.data[0] + 0).toBe(expected.value + 0);
          // Asking for a value on the way as well must not change the others' gradients.
          const between = values[watched % values.length];
          const gradients = tape.gradient(y, [...leaves, between]);
          expect(gradients.slice(0, 3).map((g) => g.data[0] + 0)).toEqual(expected.slopes.map((d) => d + 0));
          const isLeaf = leaves.includes(between);
          if (!isLeaf) {
            const alone = tape.gradient(y, [between])[0];
            expect(gradients[3].data).toEqual(alone.data);
          }
          // A loss that depends on no parameter is an error.
          if (expected.used.some((used, k) => used && k > 0)) tape.backward(sum(y));
          else expect(() => tape.backward(sum(y))).toThrow(ArgumentError);
          leaves.slice(1).forEach((leaf, k) => {
            const grad = (leaf as Parameter).grad;
            expect((grad?.data[0] ?? 0) + 0).toBe(expected.slopes[k + 1] + 0);
          });
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('gradient', () => {
  it('takes any iterable of tensors and gives the gradients in its order', () => {
    const [a, b] = [new Parameter([1, 2]), new Parameter([3, 4])];
    function* both(): Generator<Tensor> {
      yield b;
      yield a;
    }
    withTape((tape) => {
      const y = sum(mul(a, b));
      const [db, da]: Tensor[] = tape.gradient(y, both());
      expect([db.toArray(), da.toArray()]).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(tape.gradient(y, new Set([a])).map((d) => d.toArray())).toEqual([[3, 4]]);
      const tuple: [Tensor, Tensor] = tape.gradient(y, [a, b]);
      expect(tuple).toHaveLength(2);
    });
  });
});
