import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import type { HookHandle } from '../../src/layers/forwardHooks.js';
import { Identity } from '../../src/layers/identity.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { createModel } from '../../src/models/index.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { evaluate } from '../../src/train/evaluate.js';

class AddOne extends Module {
  forward(x: Tensor): Tensor {
    return add(x, 1);
  }
}

class Twice extends Module {
  readonly one = new AddOne();
  forward(x: Tensor): Tensor {
    return this.one.forward(this.one.forward(x));
  }
}

const x = Tensor.from([-3, 2]);

describe('forward hooks', () => {
  it('see the inputs and outputs of nested modules, inner ones first, each call of a module that runs twice', () => {
    const net = new Sequential(new Twice(), new ReLU());
    const seen: unknown[] = [];
    for (const [name, module] of net.namedModules()) {
      module.registerForwardPreHook((m, input) => void seen.push(['>', name, m === module, input.toArray()]));
      module.registerForwardHook((m, input, output) => {
        seen.push(['<', name, m === module, input.toArray(), output.toArray()]);
      });
    }
    expect(net.forward(x).toArray()).toEqual([0, 4]);
    expect(seen).toEqual([
      ['>', '', true, [-3, 2]],
      ['>', '0', true, [-3, 2]],
      ['>', '0.one', true, [-3, 2]],
      ['<', '0.one', true, [-3, 2], [-2, 3]],
      ['>', '0.one', true, [-2, 3]],
      ['<', '0.one', true, [-2, 3], [-1, 4]],
      ['<', '0', true, [-3, 2], [-1, 4]],
      ['>', '1', true, [-1, 4]],
      ['<', '1', true, [-1, 4], [0, 4]],
      ['<', '', true, [-3, 2], [0, 4]],
    ]);
  });

  it('replace the input and the output by the tensor that they return, one after the other', () => {
    const module = new AddOne();
    module.registerForwardPreHook((_m, input) => mul(input, 10));
    module.registerForwardPreHook((_m, input) => add(input, 2));
    module.registerForwardHook((_m, input, output) => {
      expect(input.toArray()).toEqual([-28, 22]);
      return add(output, input);
    });
    module.registerForwardHook((_m, _input, output) => mul(output, 2));
    expect(module.forward(x).toArray()).toEqual([-110, 90]);
  });

  it('pass gradients through what they return', () => {
    const module = new AddOne();
    module.registerForwardHook((_m, _input, output) => mul(output, 3));
    const p = new Parameter([5]);
    withTape((tape) => tape.backward(sum(module.forward(p))));
    expect(p.grad?.toArray()).toEqual([3]);
  });

  it('are removed by their handle alone, in any order, and leave the module as it was', () => {
    const module = new AddOne();
    const keys = Reflect.ownKeys(module);
    const calls: string[] = [];
    const hook = (): unknown => calls.push('same');
    const handles: HookHandle[] = [
      module.registerForwardHook(() => calls.push('a')),
      module.registerForwardPreHook(() => calls.push('before')),
      module.registerForwardHook(hook),
      module.registerForwardHook(hook),
    ];
    module.forward(x);
    expect(calls.splice(0)).toEqual(['before', 'a', 'same', 'same']);
    handles[2].remove();
    handles[2].remove();
    module.forward(x);
    expect(calls.splice(0)).toEqual(['before', 'a', 'same']);
    handles[0].remove();
    handles[1].remove();
    module.forward(x);
    expect(calls.splice(0)).toEqual(['same']);
    handles[3].remove();
    module.forward(x);
    expect(calls).toEqual([]);
    expect(Reflect.ownKeys(module)).toEqual(keys);
    expect(module.forward).toBe(AddOne.prototype.forward);
    module.registerForwardHook(() => calls.push('again'));
    module.forward(x);
    expect(calls).toEqual(['again']);
  });

  it('may remove themselves while they run', () => {
    const module = new AddOne();
    let calls = 0;
    const handle = module.registerForwardHook(() => {
      calls++;
      handle.remove();
    });
    module.registerForwardHook(() => calls++);
    module.forward(x);
    module.forward(x);
    expect(calls).toBe(3);
  });

  it('end the pass with what they throw, and are not called when forward throws', () => {
    const module = new AddOne();
    let calls = 0;
    const failing = module.registerForwardHook(() => {
      throw new RangeError('from the hook');
    });
    module.registerForwardHook(() => calls++);
    expect(() => module.forward(x)).toThrow(new RangeError('from the hook'));
    expect(() => new Sequential(module).predict(x)).toThrow('from the hook');
    failing.remove();
    expect(calls).toBe(0);
    const stop = module.registerForwardPreHook(() => {
      throw new Error('before');
    });
    expect(() => module.forward(x)).toThrow('before');
    stop.remove();
    const conv = new Conv2d(1, 1, 1);
    conv.registerForwardHook(() => calls++);
    expect(() => conv.forward(x)).toThrow('conv2d');
    expect(calls).toBe(0);
  });

  it('hear of predict and evaluate, in evaluation mode, and of batch norms that end with a ReLU', async () => {
    manualSeed(1);
    const model = createModel('resnet20', { widthMultiplier: 0.25 });
    const image = Tensor.full([2, 3, 8, 8], 0.5);
    const expected = model.predict(image).toArray();
    const seen = new Set<string>();
    const signs: boolean[] = [];
    for (const [name, module] of model.namedModules()) {
      module.registerForwardHook((m, _input, output) => {
        expect(m.training).toBe(false);
        seen.add(name);
        if (name === 'bn1') signs.push(output.data.every((v) => v >= 0));
      });
    }
    const predicted = model.predict(image).toArray();
    expect(seen.size).toBe([...model.namedModules()].length);
    expect(signs).toEqual([true]);
    for (const [i, row] of (predicted as number[][]).entries()) {
      for (const [k, v] of row.entries()) expect(v).toBeCloseTo((expected as number[][])[i][k], 5);
    }
    seen.clear();
    await evaluate(model, [{ x: image, labels: Int32Array.of(0, 1) }]);
    expect(seen.size).toBe([...model.namedModules()].length);
  });

  it('work for a forward that is a field, and keep one that is assigned meanwhile', () => {
    class Arrow extends Module {
      forward = (t: Tensor): Tensor => add(t, 1);
    }
    const module = new Arrow();
    const own = module.forward;
    let calls = 0;
    const handle = module.registerForwardHook(() => calls++);
    expect(module.forward(x).toArray()).toEqual([-2, 3]);
    handle.remove();
    expect(module.forward).toBe(own);
    const second = module.registerForwardHook(() => calls++);
    const other = (t: Tensor): Tensor => t;
    module.forward = other;
    second.remove();
    expect(module.forward).toBe(other);
    expect(calls).toBe(1);
  });

  it('are called once for a forward that calls that of its superclass, and see further arguments through', () => {
    class More extends AddOne {
      override forward(t: Tensor, scale = 1): Tensor {
        return mul(super.forward(t), scale);
      }
    }
    const module = new More();
    let calls = 0;
    module.registerForwardHook(() => calls++);
    expect(module.forward(x, 10).toArray()).toEqual([-20, 30]);
    expect(calls).toBe(1);
  });

  it('neither show in state dicts nor in the tree', () => {
    const net = new Sequential(new BatchNorm2d(2), new Identity());
    const [keys, tree] = [[...net.stateDict().keys()], String(net)];
    for (const [, module] of net.namedModules()) module.registerForwardHook(() => undefined);
    expect([...net.stateDict().keys()]).toEqual(keys);
    expect(String(net)).toBe(tree);
  });

  it('are refused when they are no function, async, or of a frozen module', () => {
    const module = new AddOne();
    expect(() => module.registerForwardHook(3 as never)).toThrow(
      new ArgumentError('registerForwardHook: the hook for AddOne is the number 3, but must be a function.'),
    );
    expect(() => module.registerForwardPreHook(undefined as never)).toThrow('the hook for AddOne is undefined');
    expect(() => Object.freeze(new AddOne()).registerForwardHook(() => undefined)).toThrow(
      'registerForwardHook: AddOne cannot have hooks, because it is frozen.',
    );
    module.registerForwardHook(async () => undefined);
    expect(() => module.forward(x)).toThrow('the hook of AddOne returned a promise, but hooks cannot be async.');
  });
});
