import { describe, expect, it } from 'vitest';
import { withHeap } from '../../src/memory/memory.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { reshape } from '../../src/tensor/ops/shape/reshape.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { scope } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Adds the gradient of `factor * sum(p)`. */
const backward = (p: Parameter, factor: number): void => withTape((tape) => tape.backward(sum(mul(p, factor))));

describe('Parameter', () => {
  it('has no gradient before the first backward pass', () => {
    const p = new Parameter([1, 2]);
    expect(p.grad).toBeNull();
    backward(p, 3);
    expect(p.grad?.toArray()).toEqual([3, 3]);
  });

  it('adds up the gradients of several backward passes, on one tape or on two', () => {
    const p = new Parameter([[1, 2]]);
    backward(p, 3);
    backward(p, 4);
    expect(p.grad?.toArray()).toEqual([[7, 7]]);
    withTape((tape) => {
      const loss = sum(mul(p, 5));
      tape.backward(loss);
      tape.backward(loss);
    });
    expect(p.grad?.toArray()).toEqual([[17, 17]]);
  });

  it('starts from zero after its gradient was spent, and still shows it until then', () => {
    const p = new Parameter([1, 2]);
    backward(p, 3);
    p.spendGradient();
    expect(p.grad?.toArray()).toEqual([3, 3]);
    backward(p, 4);
    expect(p.grad?.toArray()).toEqual([4, 4]);
    backward(p, 4);
    expect(p.grad?.toArray()).toEqual([8, 8]);
  });

  it('forgets its gradient with zeroGrad', () => {
    const p = new Parameter([1, 2]);
    backward(p, 3);
    p.zeroGrad();
    expect(p.grad).toBeNull();
    p.spendGradient();
    expect(p.grad).toBeNull();
    backward(p, 4);
    expect(p.grad?.toArray()).toEqual([4, 4]);
  });

  it('is made of constants or of a tensor as well, and is a Parameter then', () => {
    for (const p of [Parameter.zeros([2, 3]), Parameter.ones([2, 3]), Parameter.full([2, 3], 4), Parameter.from([1])]) {
      expect(p).toBeInstanceOf(Parameter);
    }
    expect(Parameter.full([2], 4).toArray()).toEqual([4, 4]);
    const p = scope(() => [new Parameter(Tensor.from([1, 2]))])[0];
    expect(p.toArray()).toEqual([1, 2]);
    expect(() => new Parameter(Tensor.ones([2]), [1, 2])).toThrow('Parameter: the tensor has shape [2], not [1, 2].');
  });

  it('gets no gradient while it is frozen, and passes none on', () => {
    const frozen = new Parameter([2]);
    const free = new Parameter([3]);
    frozen.requiresGrad = false;
    withTape((tape) => tape.backward(sum(mul(frozen, free))));
    expect(frozen.grad).toBeNull();
    expect(free.grad?.toArray()).toEqual([2]);
    expect(() => withTape((tape) => tape.backward(sum(mul(frozen, frozen))))).toThrow('are frozen');
    expect(frozen.grad).toBeNull();
  });

  it('keeps a gradient of its own where the operation only passes it through', () => {
    const p = new Parameter([1, 2]);
    const q = new Parameter([3, 4]);
    withTape((tape) => {
      const y = add(add(p, q), reshape(p, [2]));
      tape.backward(sum(y));
    });
    expect([p.grad?.toArray(), q.grad?.toArray()]).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect(p.grad?.storage).not.toBe(q.grad?.storage);
  });

  it('belongs to no scope, nor does its gradient', () => {
    withHeap({}, (heap) => {
      // The kernels' own scratch area comes with the first sum.
      scope(() => sum(mul(Tensor.ones([2]), Tensor.ones([2])))).dispose();
      const before = heap.liveBytes;
      const p = scope(() => ({ made: new Parameter([1, 2]) })).made;
      let inner: Parameter | undefined;
      scope(() => {
        inner = new Parameter([5]);
        withTape((tape) => tape.backward(sum(mul(inner as Parameter, p))));
      });
      expect([inner?.item(), inner?.grad?.item(), p.grad?.toArray()]).toEqual([5, 3, [5, 5]]);
      expect(heap.liveBytes - before).toBe(4 * 128);
    });
  });

  it('keeps its grad when a tape is asked for the gradient of it as a value', () => {
    const p = new Parameter([1, 2]);
    backward(p, 3);
    const [dp] = withTape((tape) => tape.gradient(sum(mul(p, p)), [p]));
    expect(dp.toArray()).toEqual([2, 4]);
    expect(p.grad?.toArray()).toEqual([3, 3]);
    const [same] = withTape((tape) => tape.gradient(reshape(p, [2, 1]), [p], { cotangent: Tensor.from([[7], [8]]) }));
    expect(same.toArray()).toEqual([7, 8]);
    expect(p.grad?.toArray()).toEqual([3, 3]);
  });
});
