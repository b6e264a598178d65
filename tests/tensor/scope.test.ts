import { describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError } from '../../src/base/errors.js';
import { pause } from '../../src/data/pause.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { reshape } from '../../src/tensor/ops/shape/reshape.js';
import { Parameter } from '../../src/tensor/parameter.js';
import {
  currentScope,
  currentTape,
  inPrediction,
  Scope,
  scope,
  withoutScope,
  withoutTape,
} from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { keep, Tensor } from '../../src/tensor/tensor.js';

describe('scope', () => {
  it('releases what was made inside, but for what it returns: a tensor, an array or a record', () => {
    let lost: Tensor | undefined;
    const x = Tensor.from([1, 2]);
    const one = scope(() => {
      lost = add(x, 1);
      return mul(lost, 2);
    });
    expect(one.toArray()).toEqual([4, 6]);
    expect(lost?.disposed).toBe(true);
    const { a, list } = scope(() => ({ a: add(x, 1), list: [add(x, 2), { deep: add(x, 3) }] as const }));
    expect([a.disposed, list[0].disposed, list[1].deep.disposed]).toEqual([false, false, false]);
    expect(x.disposed).toBe(false);
  });

  it('nests: what an inner one returns is released by the outer one', () => {
    let inner: Tensor | undefined;
    const result = scope(() => {
      inner = scope(() => Tensor.from([1]));
      expect(inner.disposed).toBe(false);
      return add(inner, 1);
    });
    expect(inner?.disposed).toBe(true);
    expect(result.item()).toBe(2);
    expect(currentScope()).toBeNull();
  });

  it('closes, and releases everything, when the function throws', () => {
    let x: Tensor | undefined;
    expect(() =>
      scope(() => {
        x = Tensor.from([1]);
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(x?.disposed).toBe(true);
    expect(currentScope()).toBeNull();
  });

  it('closes the scopes left open inside it', () => {
    const outer = new Scope();
    const inner = new Scope();
    const x = Tensor.from([1]);
    outer.close();
    expect([x.disposed, inner.open, currentScope()]).toEqual([true, false, null]);
    inner.close();
    outer.close();
    expect(currentScope()).toBeNull();
  });

  it('leaves others open when one that lived elsewhere closes', () => {
    const stray = withoutScope(() => new Scope());
    const outer = new Scope();
    const x = Tensor.from([1]);
    stray.close();
    expect([outer.open, x.disposed, currentScope()]).toEqual([true, false, outer]);
    outer.close();
    expect(currentScope()).toBeNull();
  });

  it('keeps everything inside a tape, which needs it for the backward pass', () => {
    const x = Tensor.from([3]);
    let square: Tensor | undefined;
    const dx = withTape((tape) => {
      const y = scope(() => {
        square = mul(x, x);
        return mul(square, x);
      });
      expect(square?.disposed).toBe(false);
      return tape.gradient(y, [x])[0];
    });
    expect(dx.item()).toBe(27);
    expect(square?.disposed).toBe(true);
  });

  it('keeps the memory that a returned view shares', () => {
    const y = scope(() => reshape(Tensor.from([1, 2]), [2, 1]));
    expect(y.toArray()).toEqual([[1], [2]]);
  });
});

describe('keep', () => {
  it('takes a tensor out of every scope around it', () => {
    let kept: Tensor | undefined;
    scope(() => {
      const outer = Tensor.from([1]);
      scope(() => {
        kept = keep(add(outer, 1));
        keep(outer);
      });
      scope(() => undefined);
    });
    expect(kept?.item()).toBe(2);
    kept?.dispose();
    expect(() => kept?.data).toThrow(DisposedError);
  });

  it('does no harm outside of a scope, or twice', () => {
    const x = keep(keep(Tensor.from([1])));
    expect(x.item()).toBe(1);
  });
});

describe('withoutTape and withoutScope', () => {
  it('record nothing of what runs without the tape, and release what is not returned', () => {
    const p = new Parameter([2]);
    let lost: Tensor | undefined;
    withTape((tape) => {
      const outside = currentTape();
      expect(outside).not.toBeNull();
      const y = withoutTape(() => {
        expect(currentTape()).toBeNull();
        lost = mul(p, p);
        return mul(lost, p);
      });
      expect([tape.length, y.item(), lost?.disposed]).toEqual([0, 8, true]);
      expect(currentTape()).toBe(outside);
      tape.backward(sum(mul(y, p)));
    });
    expect(p.grad?.item()).toBe(8);
  });

  it('make tensors that no scope releases', () => {
    const x = scope(() => [withoutScope(() => Tensor.from([1]))])[0];
    expect(x.item()).toBe(1);
    let y: Tensor | undefined;
    scope(() => {
      y = withoutScope(() => Tensor.from([2]));
    });
    expect(y?.item()).toBe(2);
  });
});

describe('an async callback', () => {
  const late = (): Promise<Tensor> => Promise.resolve().then(() => Tensor.from([1]));
  it.each([
    ['scope', () => scope(late)],
    ['scope', () => scope(async () => await late())],
    ['withoutTape', () => withoutTape(late)],
    ['withoutScope', () => withoutScope(late)],
    ['withTape', () => withTape(late)],
    ['withTape', () => withTape(() => [late(), late()])],
    ['scope', () => withTape(() => scope(late))],
    ['predict', () => inPrediction(late)],
  ])('of %s is refused, since it goes on after the scope has closed', (name, run) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(
      new RegExp(`^${name}: (the callback|forward) returned a promise, but must be synchronous: .* Await`),
    );
    expect(currentScope()).toBeNull();
  });

  it('leaves no rejection that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    let made: Tensor | undefined;
    const run = (): unknown =>
      scope(async () => {
        made = Tensor.from([1]);
        await pause();
        return made.data;
      });
    expect(run).toThrow('scope: the callback returned a promise');
    await pause();
    await pause();
    process.off('unhandledRejection', listen);
    expect([made?.disposed, unhandled]).toEqual([true, []]);
  });
});
