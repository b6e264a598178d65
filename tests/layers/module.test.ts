import { describe, expect, it } from 'vitest';
import { StateDictError } from '../../src/base/errors.js';
import type { StateDict } from '../../src/base/stateDict.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Identity } from '../../src/layers/identity.js';
import { buffer, Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** A norm without numbers to it: a parameter after a buffer, in the order that the state dict must turn round. */
class Scale extends Module {
  readonly runningMean = buffer(() => Tensor.zeros([1]));
  readonly weight = new Parameter([2]);
  modeSeen: boolean | null = null;

  forward(x: Tensor): Tensor {
    this.modeSeen = this.training;
    return relu(x);
  }
}

class Net extends Module {
  readonly conv1 = new Conv2d(1, 1, 1);
  readonly layers = [new Scale(), new Sequential(new Scale())];
  readonly down = new Sequential({ norm: new Scale() });

  forward(x: Tensor): Tensor {
    let y = this.conv1.forward(x);
    for (const layer of this.layers) y = layer.forward(y);
    return this.down.forward(y);
  }
}

const scales = (net: Net): Scale[] => [...net.namedModules()].map(([, m]) => m).filter((m) => m instanceof Scale);
const keys = [
  'conv1.weight',
  'conv1.bias',
  'layers.0.weight',
  'layers.0.running_mean',
  'layers.1.0.weight',
  'layers.1.0.running_mean',
  'down.norm.weight',
  'down.norm.running_mean',
];

describe('names', () => {
  it('are the fields joined by dots, a module before its children, parameters before buffers', () => {
    expect([...new Net().stateDict().keys()]).toEqual(keys);
  });

  it('tell parameters from buffers', () => {
    const net = new Net();
    expect([...net.namedParameters()].map(([name]) => name)).toEqual(keys.filter((k) => !k.endsWith('running_mean')));
    expect([...net.namedBuffers()].map(([name]) => name)).toEqual(keys.filter((k) => k.endsWith('running_mean')));
  });

  it('give a shared parameter to an optimizer once, but to the state dict under both names', () => {
    const shared = new Scale();
    const net = new Sequential(shared, new Identity(), shared);
    expect([...net.parameters()]).toEqual([shared.weight]);
    expect([...net.stateDict().keys()].filter((k) => k.endsWith('weight'))).toEqual(['0.weight', '2.weight']);
  });
});

describe('modes', () => {
  it('reach every module below', () => {
    const net = new Net();
    expect(scales(net.eval()).map((s) => s.training)).toEqual([false, false, false]);
    expect(scales(net.train()).map((s) => s.training)).toEqual([true, true, true]);
  });

  it('predict evaluates and puts back each mode, even when forward throws', () => {
    const net = new Net();
    const [first, second] = scales(net);
    first.eval();
    expect(net.predict(Tensor.ones([1, 1, 2, 2])).shape).toEqual([1, 1, 2, 2]);
    expect(second.modeSeen).toBe(false);
    expect([first.training, second.training]).toEqual([false, true]);
    expect(() => net.predict(Tensor.ones([1, 2, 2, 2]))).toThrow('has 2 channels');
    expect([first.training, second.training]).toEqual([false, true]);
  });

  it('predict leaves nothing on a tape that is open, and nothing in the heap but its result', () => {
    const net = new Net();
    const x = Tensor.ones([1, 1, 2, 2]);
    // The first call writes a field of the model, so that the second makes the plan.
    for (let i = 0; i < 3; i++) net.predict(x).dispose();
    const before = memoryInfo().liveBytes;
    const y = withTape((tape) => {
      const result = net.predict(x);
      expect(tape.length).toBe(0);
      return result;
    });
    expect(y.toArray()).toBeDefined();
    y.dispose();
    expect(memoryInfo().liveBytes).toBe(before);
  });
});

describe('freezing', () => {
  it('keeps gradients from the frozen part only', () => {
    const net = new Net();
    net.conv1.weight.data.fill(1);
    net.conv1.requiresGrad(false);
    const gradients = (): boolean[] => [net.conv1.weight.grad !== null, net.conv1.bias?.grad !== null];
    const run = (): void => withTape((tape) => tape.backward(sum(net.forward(Tensor.ones([1, 1, 2, 2])))));
    expect(run).toThrow('all 2 that were used are frozen (requiresGrad is false)');
    expect(gradients()).toEqual([false, false]);
    net.requiresGrad();
    run();
    expect(gradients()).toEqual([true, true]);
    net.zeroGrad();
    expect(gradients()).toEqual([false, false]);
  });
});

describe('replaceChild', () => {
  class Net extends Module {
    readonly first = new ReLU();
    readonly list = [new ReLU(), new ReLU()];
    readonly size = 3;
    forward(x: Tensor): Tensor {
      return this.first.forward(x);
    }
  }

  it('puts a module in the place of a field, of an entry of an array, or of a Sequential, in the same order', () => {
    const net = new Net();
    const names = [...net.namedChildren()].map(([name]) => name);
    const [a, b] = [new Identity(), new Identity()];
    net.replaceChild('first', a);
    net.replaceChild('list.1', b);
    expect([...net.namedChildren()].map(([name]) => name)).toEqual(names);
    expect([net.first, net.list[1]]).toEqual([a, b]);
    const row = new Sequential({ x: new ReLU(), y: new ReLU() });
    row.replaceChild('x', a);
    expect([...row.namedChildren()].map(([name, m]) => `${name} ${m.constructor.name}`)).toEqual([
      'x Identity',
      'y ReLU',
    ]);
  });

  it.each(['second', 'size', 'list', 'list.2', 'size.0', 'first.x'])('has no place called %s', (name) => {
    expect(() => new Net().replaceChild(name, new Identity())).toThrow(`replaceChild: Net has no module '${name}'.`);
    expect(() => new Sequential(new ReLU()).replaceChild(name, new ReLU())).toThrow('Sequential has no module');
  });
});

describe('loadStateDict', () => {
  const filled = (net: Net, value: number): StateDict => {
    const state = net.stateDict();
    for (const { data } of state.values()) data.fill(value);
    return state;
  };

  it('copies every value, and the state dict is a copy too', () => {
    const net = new Net();
    const state = filled(net, 5);
    expect(net.loadStateDict(state)).toEqual({ missing: [], unexpected: [] });
    state.get('conv1.weight')?.data.fill(6);
    expect(net.conv1.weight.toArray()).toEqual([[[[5]]]]);
    expect(net.layers[0].training).toBe(true);
    expect([...net.stateDict().values()].every(({ data }) => data.every((v) => v === 5))).toBe(true);
  });

  it('ignores num_batches_tracked', () => {
    const net = new Net();
    const state = filled(net, 5);
    state.set('layers.0.num_batches_tracked', { shape: [], data: Float32Array.of(9) });
    expect(net.loadStateDict(state).unexpected).toEqual([]);
  });

  it('lists everything that does not fit, and changes nothing', () => {
    const net = new Net();
    const before = net.stateDict();
    const state = filled(net, 5);
    state.delete('conv1.bias');
    state.delete('down.norm.weight');
    state.set('fc.weight', { shape: [1], data: Float32Array.of(1) });
    state.set('layers.0.weight', { shape: [2], data: Float32Array.of(1, 2) });
    state.set('layers.1.0.weight', { shape: [1], data: Float32Array.of(1, 2) });
    let message = '';
    try {
      net.loadStateDict(state);
    } catch (error) {
      expect(error).toBeInstanceOf(StateDictError);
      message = (error as Error).message;
    }
    expect(message).toBe(
      [
        'loadStateDict: the state dict does not fit Net; nothing was loaded.',
        'missing:',
        '  conv1.bias',
        '  down.norm.weight',
        'unexpected:',
        '  fc.weight',
        'of another shape:',
        '  layers.0.weight: model [1], state dict [2] with 2 values',
        '  layers.1.0.weight: model [1], state dict [1] with 2 values',
      ].join('\n'),
    );
    expect(net.stateDict()).toEqual(before);
  });

  it('without strict loads what fits by name and reports the rest', () => {
    const net = new Net();
    const state = filled(net, 5);
    state.delete('conv1.bias');
    state.set('fc.weight', { shape: [1], data: Float32Array.of(1) });
    expect(net.loadStateDict(state, { strict: false })).toEqual({ missing: ['conv1.bias'], unexpected: ['fc.weight'] });
    expect(net.conv1.weight.item()).toBe(5);
  });

  it('without strict still refuses another shape, and changes nothing', () => {
    const net = new Net();
    const before = net.stateDict();
    const state = filled(net, 5);
    state.set('down.norm.weight', { shape: [2], data: Float32Array.of(1, 2) });
    expect(() => net.loadStateDict(state, { strict: false })).toThrow('down.norm.weight: model [1], state dict [2]');
    expect(net.stateDict()).toEqual(before);
  });
});

describe('toString', () => {
  it('draws the tree, a module a line', () => {
    expect(String(new Net())).toBe(
      [
        'Net(',
        '  (conv1): Conv2d(1, 1, kernelSize=1, stride=1)',
        '  (layers.0): Scale()',
        '  (layers.1): Sequential(',
        '    (0): Scale()',
        '  )',
        '  (down): Sequential(',
        '    (norm): Scale()',
        '  )',
        ')',
      ].join('\n'),
    );
  });
});
