import { describe, expect, it } from 'vitest';
import { trace } from '../../src/debug/trace.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Identity } from '../../src/layers/identity.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { Tensor } from '../../src/tensor/tensor.js';

class AddOne extends Module {
  forward(x: Tensor): Tensor {
    return add(x, 1);
  }
}

class Fails extends Module {
  forward(): Tensor {
    throw new Error('no');
  }
}

const x = Tensor.from([-3, 2]);

describe('trace', () => {
  it('hears of a batch norm that ends with a ReLU, and leaves it as it was', () => {
    const net = new Sequential({ bn: new BatchNorm2d(1) }).eval();
    const bn = net.at(0) as BatchNorm2d;
    const seen: unknown[] = [];
    const image = Tensor.from([-3, 2], [1, 1, 1, 2]);
    trace(
      net,
      () => bn.forwardRelu(image),
      (name, _module, input, output) => seen.push([name, [...input.data], Math.round(output.data[0]), output.shape]),
    );
    expect(seen).toEqual([['bn', [-3, 2], 0, [1, 1, 1, 2]]]);
    expect(Object.hasOwn(bn, 'forward') || Object.hasOwn(bn, 'forwardRelu')).toBe(false);
  });

  it('reports each module as it returns, with what went in and came out', () => {
    const net = new Sequential({ plus: new AddOne(), inner: new Sequential(new ReLU()) });
    const seen: unknown[] = [];
    const y = trace(
      net,
      () => net.forward(x),
      (name, module, input, output) => seen.push([name, module.constructor.name, [...input.data], [...output.data]]),
    );
    expect([...y.data]).toEqual([0, 3]);
    expect(seen).toEqual([
      ['plus', 'AddOne', [-3, 2], [-2, 3]],
      ['inner.0', 'ReLU', [-2, 3], [0, 3]],
      ['inner', 'Sequential', [-2, 3], [0, 3]],
      ['', 'Sequential', [-3, 2], [0, 3]],
    ]);
  });

  it('reports the beginning of each call too, a block before what is inside it', () => {
    const net = new Sequential({ inner: new Sequential(new ReLU()), last: new Identity() });
    const seen: string[] = [];
    trace(
      net,
      () => net.forward(x),
      (name) => seen.push(`end ${name}`),
      (name, _module, input) => seen.push(`begin ${name} [${input.shape}]`),
    );
    expect(seen).toEqual([
      ...['begin  [2]', 'begin inner [2]', 'begin inner.0 [2]', 'end inner.0', 'end inner'],
      ...['begin last [2]', 'end last', 'end '],
    ]);
  });

  it('reports a module that stands in two places at each call, by its first name', () => {
    const shared = new AddOne();
    const net = new Sequential(shared, new Identity(), shared);
    const names: string[] = [];
    trace(
      net,
      () => net.forward(x),
      (name) => names.push(name),
    );
    expect(names).toEqual(['0', '1', '0', '']);
  });

  it('leaves the modules as they were', () => {
    const net = new Sequential(new AddOne());
    let calls = 0;
    trace(
      net,
      () => net.forward(x),
      () => calls++,
    );
    expect(Object.hasOwn(net, 'forward')).toBe(false);
    net.forward(x);
    expect(calls).toBe(2);
  });

  it('leaves them as they were when something throws, and puts back a forward of their own', () => {
    const net = new Sequential(new AddOne(), new Fails());
    const own = (t: Tensor): Tensor => t;
    net.at(0).forward = own;
    expect(() =>
      trace(
        net,
        () => net.forward(x),
        () => undefined,
      ),
    ).toThrow('no');
    expect(net.at(0).forward).toBe(own);
    expect(Object.hasOwn(net.at(1), 'forward')).toBe(false);
  });

  it('nests', () => {
    const net = new Sequential(new AddOne());
    const names: string[] = [];
    trace(
      net,
      () =>
        trace(
          net,
          () => net.forward(x),
          (name) => names.push(`inner ${name}`),
        ),
      (name) => names.push(name),
    );
    expect(names).toEqual(['0', 'inner 0', '', 'inner ']);
    expect(Object.hasOwn(net, 'forward')).toBe(false);
  });
});
