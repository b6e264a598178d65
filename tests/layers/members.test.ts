import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ArgumentError, StateDictError } from '../../src/base/errors.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Linear } from '../../src/layers/linear.js';
import { buffer, Module } from '../../src/layers/module.js';
import { replaceHead } from '../../src/models/transfer.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { flatten } from '../../src/tensor/ops/shape/flatten.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** A module whose fields are those of a record. */
class Holding extends Module {
  constructor(fields: object) {
    super();
    Object.assign(this, fields);
  }

  forward(x: Tensor): Tensor {
    return x;
  }
}

const conv = (): Conv2d => new Conv2d(1, 1, 1, { bias: false });
const keysOf = (fields: object): string[] => [...new Holding(fields).stateDict().keys()];

describe('layers and tensors are found', () => {
  it('in arrays in arrays', () => {
    expect(keysOf({ blocks: [[conv(), [conv()]], conv()] })).toEqual([
      'blocks.0.0.weight',
      'blocks.0.1.0.weight',
      'blocks.1.weight',
    ]);
  });

  it('in plain objects, those without a prototype and of another realm too', () => {
    const bare = Object.assign(Object.create(null), { only: conv() });
    const foreign = Object.assign(runInNewContext('({})'), { only: conv() });
    expect(keysOf({ branches: { left: conv(), rest: { right: conv() } }, bare, foreign })).toEqual([
      'branches.left.weight',
      'branches.rest.right.weight',
      'bare.only.weight',
      'foreign.only.weight',
    ]);
  });

  it('in Maps, by their keys, and in Sets, by their positions', () => {
    const byName = new Map<unknown, unknown>([
      ['first', conv()],
      [7, [conv()]],
      [{}, conv()],
    ]);
    expect(keysOf({ byName, some: new Set([conv(), conv()]) })).toEqual([
      'byName.first.weight',
      'byName.7.0.weight',
      'byName.2.weight',
      'some.0.weight',
      'some.1.weight',
    ]);
  });

  it('as parameters and buffers in containers, in snake_case, parameters first', () => {
    const model = new Holding({
      runningStats: { lastMean: buffer(() => Tensor.zeros([1])) },
      scales: [new Parameter([1]), new Map([['inner', new Parameter([2])]])],
    });
    expect([...model.stateDict().keys()]).toEqual(['scales.0', 'scales.1.inner', 'running_stats.last_mean']);
    expect([...model.parameters()]).toHaveLength(2);
    expect([...model.namedBuffers()].map(([name]) => name)).toEqual(['running_stats.last_mean']);
  });

  it('not in functions, typed arrays, other classes and numbers', () => {
    class Other {
      readonly conv = conv();
    }
    expect(
      keysOf({ other: new Other(), make: () => conv(), numbers: new Float32Array(9), text: 'conv', not: null }),
    ).toEqual([]);
  });
});

describe('what is found in containers', () => {
  const make = (): Holding & { parts: Map<string, Module[]> } => {
    const parts = new Map([
      ['body', [new Conv2d(1, 2, 1), new BatchNorm2d(2), new Dropout(0.5)]],
      ['head', [new Linear(8, 3)]],
    ]);
    class Net extends Holding {
      declare readonly parts: typeof parts;
      override forward(x: Tensor): Tensor {
        let y = x;
        for (const module of this.parts.get('body') ?? []) y = module.forward(y);
        return (this.parts.get('head') as Module[])[0].forward(flatten(y));
      }
    }
    return new Net({ parts }) as Holding & { parts: typeof parts };
  };

  it('changes mode, freezes, saves and loads as fields do', () => {
    const [model, other] = [make(), make()];
    model.eval();
    expect([...model.namedModules()].map(([, { training }]) => training)).toEqual([false, false, false, false, false]);
    other.loadStateDict(model.stateDict());
    expect(other.stateDict()).toEqual(model.stateDict());
    model.requiresGrad(false);
    expect([...model.parameters()].every((p) => !p.requiresGrad)).toBe(true);
    expect(String(model)).toContain('  (parts.head.0): Linear(');
  });

  it('is trained', () => {
    const model = make();
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const before = model.stateDict();
    withTape((tape) => {
      tape.backward(
        crossEntropy(model.forward(Tensor.from([1, 2, 3, 4, 5, 6, 7, 9], [2, 1, 2, 2])), Int32Array.of(0, 2)),
      );
      optimizer.step();
    });
    const after = model.stateDict();
    expect(after.get('parts.head.0.weight')).not.toEqual(before.get('parts.head.0.weight'));
    expect(after.get('parts.body.1.running_mean')).not.toEqual(before.get('parts.body.1.running_mean'));
  });

  it('is replaced in its place, the last layer by replaceHead', () => {
    const model = make();
    replaceHead(model, 5);
    expect(model.predict(Tensor.zeros([1, 1, 2, 2])).shape).toEqual([1, 5]);
    const holding = new Holding({ deep: [{ a: conv() }], some: new Set([conv(), conv(), conv()]) });
    const names = (): string[] => [...holding.namedChildren()].map(([name]) => name);
    const before = names();
    const fresh = conv();
    for (const name of before) {
      holding.replaceChild(name, fresh);
      expect(new Map(holding.namedChildren()).get(name)).toBe(fresh);
      holding.replaceChild(name, conv());
    }
    expect(names()).toEqual(before);
  });

  it('cannot be replaced where it is not, or in what is frozen', () => {
    const holding = new Holding({ fixed: Object.freeze([conv()]), list: [conv()], scale: new Parameter([1]) });
    expect(() => holding.replaceChild('list.1', conv())).toThrow("replaceChild: Holding has no module 'list.1'.");
    expect(() => holding.replaceChild('list', conv())).toThrow("Holding has no module 'list'.");
    expect(() => holding.replaceChild('scale', conv())).toThrow("Holding has no module 'scale'.");
    expect(() => holding.replaceChild('fixed.0', conv())).toThrow(ArgumentError);
    expect(() => holding.replaceChild('fixed.0', conv())).toThrow('is in a frozen array or object');
  });
});

describe('what refers to itself', () => {
  it('is a container that holds itself', () => {
    const list: unknown[] = [conv()];
    list.push(list, { list });
    expect(keysOf({ list })).toEqual(['list.0.weight']);
  });

  it('is a module that knows its parent', () => {
    const child = new Holding({ conv: conv() });
    const parent = new Holding({ child, conv: conv() });
    Object.assign(child, { parents: [parent], self: child });
    expect([...parent.stateDict().keys()]).toEqual(['child.conv.weight', 'conv.weight']);
    expect(String(parent)).toBe(
      'Holding(\n  (child): Holding(\n    (conv): Conv2d(1, 1, kernelSize=1, bias=false, stride=1)\n  )\n  (conv): Conv2d(1, 1, kernelSize=1, bias=false, stride=1)\n)',
    );
    parent.eval();
    expect(child.training).toBe(false);
    expect(parent.predict(Tensor.zeros([1])).shape).toEqual([1]);
  });

  it('is a module in several places, which has every name but is trained once', () => {
    const shared = conv();
    const model = new Holding({ first: shared, rest: [[shared]], byName: new Map([['again', shared]]) });
    expect([...model.stateDict().keys()]).toEqual(['first.weight', 'rest.0.0.weight', 'byName.again.weight']);
    expect([...model.parameters()]).toEqual([shared.weight]);
  });
});

it('two tensors of one name are an error, since a file would hold only one of them', () => {
  const twice = new Holding({ aB: new Parameter([1]), a_b: new Parameter([2]) });
  expect(() => twice.stateDict()).toThrow(StateDictError);
  expect(() => twice.stateDict()).toThrow("stateDict: two tensors of Holding have the name 'a_b'");
  expect(() => twice.loadStateDict(new Map())).toThrow("loadStateDict: two tensors of Holding have the name 'a_b'");
  const map = new Map<unknown, unknown>([
    [1, conv()],
    ['1', conv()],
  ]);
  expect(() => new Holding({ map }).stateDict()).toThrow("the name 'map.1.weight'");
});
