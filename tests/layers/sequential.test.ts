import { describe, expect, it } from 'vitest';
import { Flatten } from '../../src/layers/flatten.js';
import { Identity } from '../../src/layers/identity.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo, resetPeak } from '../../src/memory/memory.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { scope } from '../../src/tensor/scope.js';
import { withTape } from '../../src/tensor/tape.js';
import { keep, Tensor } from '../../src/tensor/tensor.js';

class AddOne extends Module {
  forward(x: Tensor): Tensor {
    return add(x, 1);
  }
}

class AddTwo extends Module {
  forward(x: Tensor): Tensor {
    return add(add(x, 1), 1);
  }
}

class Remember extends Module {
  seen: Tensor | null = null;
  forward(x: Tensor): Tensor {
    this.seen = keep(add(x, 0));
    return this.seen;
  }
}

describe('Sequential', () => {
  it('runs its modules in order', () => {
    const net = new Sequential(new ReLU(), new AddOne(), new ReLU());
    expect(net.forward(Tensor.from([-5, 2])).toArray()).toEqual([1, 3]);
    expect(new Sequential(new AddOne(), new ReLU()).forward(Tensor.from([-5, 2])).toArray()).toEqual([0, 3]);
  });

  it('is the identity when empty', () => {
    const x = Tensor.from([1, 2]);
    expect(new Sequential().forward(x)).toBe(x);
  });

  it('names modules by position, by the keys of a record or by those of a Map', () => {
    const names = (net: Sequential): string[] => [...net.namedChildren()].map(([name]) => name);
    expect(names(new Sequential(new ReLU(), new AddOne()))).toEqual(['0', '1']);
    expect(names(new Sequential({ forward: new ReLU(), training: new AddOne() }))).toEqual(['forward', 'training']);
    expect(
      names(
        new Sequential(
          new Map<string, Module>([
            ['b', new ReLU()],
            ['0', new AddOne()],
          ]),
        ),
      ),
    ).toEqual(['b', '0']);
  });

  it('is iterable, counts, finds by position and grows', () => {
    const [a, b, c] = [new ReLU(), new AddOne(), new Identity()];
    const net = new Sequential(a).push(b, c);
    expect([...net]).toEqual([a, b, c]);
    expect(net.length).toBe(3);
    expect([net.at(0), net.at(-1)]).toEqual([a, c]);
    expect(String(net)).toBe('Sequential(\n  (0): ReLU()\n  (1): AddOne()\n  (2): Identity()\n)');
  });

  it('refuses what is no module, and bad names', () => {
    expect(() => new Sequential('relu' as unknown as Module)).toThrow(
      "Sequential: entry '0' is string, but must be a Module.",
    );
    expect(() => new Sequential({ a: new Date() as unknown as Module })).toThrow("entry 'a' is a Date");
    expect(() => new Sequential({ 'a.b': new ReLU() })).toThrow("Sequential: 'a.b' cannot name a module");
    expect(() => new Sequential(new ReLU()).at(1)).toThrow('Sequential: there is no module 1; its length is 1.');
  });

  it('without a tape holds two activations at a time, however long it is', () => {
    const net = new Sequential(...Array.from({ length: 20 }, () => new AddOne()));
    const x = Tensor.zeros([1000]);
    const before = memoryInfo().liveBytes;
    resetPeak();
    const y = net.predict(x);
    expect(memoryInfo().peakBytes - before).toBeLessThan(3 * 4200);
    expect([y.data[0], x.data[0]]).toEqual([20, 0]);
  });

  it('releases what modules make inside, too', () => {
    const net = new Sequential(...Array.from({ length: 10 }, () => new AddTwo()));
    const x = Tensor.zeros([1000]);
    const before = memoryInfo().liveBytes;
    resetPeak();
    expect(scope(() => net.forward(x)).data[0]).toBe(20);
    expect(memoryInfo().peakBytes - before).toBeLessThan(4 * 4200);
  });

  it('never releases its input, a view, a kept tensor or what an Identity passes on', () => {
    const remember = new Remember();
    const net = new Sequential(new Identity(), new AddOne(), remember, new Flatten(), new Identity(), new Flatten());
    const { x, y } = scope(() => {
      const x = add(Tensor.zeros([2, 1, 2]), 0);
      return { x, y: net.forward(x) };
    });
    expect(x.toArray()).toEqual([[[0, 0]], [[0, 0]]]);
    expect(y.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(remember.seen?.toArray()).toEqual([[[1, 1]], [[1, 1]]]);
  });

  it('on a tape keeps everything for the backward pass', () => {
    const x = Tensor.from([-1, 2]);
    const net = new Sequential(new ReLU(), new AddOne(), new ReLU());
    const dx = withTape((tape) => tape.gradient(net.forward(x), [x]));
    expect(dx[0].toArray()).toEqual([0, 1]);
  });
});
