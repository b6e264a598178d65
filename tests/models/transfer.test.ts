import { describe, expect, it } from 'vitest';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Linear } from '../../src/layers/linear.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import * as models from '../../src/models/index.js';
import { createModel } from '../../src/models/index.js';
import { freeze, parameterGroupsByName, replaceHead } from '../../src/models/transfer.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';

const model = (name = 'resnet20'): Module => createModel(name, { widthMultiplier: 0.25 });
const x = (): Tensor => Tensor.ones([2, 3, 32, 32]);

describe('replaceHead', () => {
  it.each([
    'cifar_net',
    'vgg_small',
    'resnet20',
    'resnet18',
    'wrn_16_4',
    'mobilenet_v1',
    'mobilenet_v2',
    'mobilenet_v3_small',
    'efficientnet_b0',
    'densenet121',
    'squeezenet1_1',
    'vgg11',
  ])('gives %s another number of classes and leaves the rest', (name) => {
    const net = model(name);
    const before = net.stateDict();
    const head = replaceHead(net, 3);
    expect(net.predict(x()).shape).toEqual([2, 3]);
    const after = net.stateDict();
    expect([...after.keys()]).toEqual([...before.keys()]);
    const changed = [...after].filter(
      ([key, { data }]) => Buffer.compare(bytes(data), bytes(before.get(key)?.data)) !== 0,
    );
    expect(changed.map(([key]) => key)).toEqual([...before.keys()].slice(-2));
    expect([...head.parameters()]).toEqual([...net.parameters()].slice(-2));
  });

  it('changes auxiliary heads too', () => {
    const net = createModel('googlenet', { widthMultiplier: 0.125, auxHeads: true });
    replaceHead(net, 3);
    const shapes = [...net.namedParameters()].filter(([key]) => /^(fc|aux\d\.fc2)\.weight$/.test(key));
    expect(shapes.map(([key, p]) => [key, p.shape[0]])).toEqual([
      ['aux1.fc2.weight', 3],
      ['aux2.fc2.weight', 3],
      ['fc.weight', 3],
    ]);
  });

  it('keeps the options of a convolution, the lack of a bias, and the mode', () => {
    const conv = new Sequential(new ReLU(), new Conv2d(4, 6, 3, { padding: 1, groups: 2, bias: false })).eval();
    const head = replaceHead(conv, 2) as Conv2d;
    expect([head.weight.shape, head.bias, head.options.padding, head.training]).toEqual([[2, 2, 3, 3], null, 1, false]);
  });

  it('finds heads in arrays and in Sequentials with names', () => {
    class Listed extends Module {
      readonly layers = [new Linear(4, 4), new Linear(4, 5)];
      forward(t: Tensor): Tensor {
        return this.layers.reduce((y, layer) => layer.forward(y), t);
      }
    }
    for (const net of [
      new Listed(),
      new Sequential({ a: new Linear(4, 4), b: new Sequential({ fc: new Linear(4, 5) }) }),
    ]) {
      replaceHead(net, 2);
      expect(net.predict(Tensor.ones([1, 4])).shape).toEqual([1, 2]);
    }
  });

  it('says what it cannot do', () => {
    expect(() => replaceHead(new Sequential(new ReLU()), 2)).toThrow(
      'replaceHead: Sequential has no Linear or Conv2d that could be its head.',
    );
    expect(() => replaceHead(new Linear(2, 3), 2)).toThrow(
      'replaceHead: the model is its own head; make a new layer instead.',
    );
    expect(() => replaceHead(model(), 0)).toThrow('outFeatures');
  });

  it('refuses capsules, whose last linear layer draws images, alone and inside another model', () => {
    const capsules = createModel('capsnet_mnist', { widthMultiplier: 0.125 });
    const refusal = 'replaceHead: CapsNet answers with the lengths of capsules, which no Linear or Conv2d gives.';
    const before = capsules.toString();
    expect(() => replaceHead(capsules, 3)).toThrow(refusal);
    expect(() => replaceHead(new Sequential(new ReLU(), capsules), 3)).toThrow(refusal);
    expect(capsules.toString()).toBe(before);
    const onTop = new Sequential(capsules, new Linear(10, 2));
    expect(replaceHead(onTop, 3)).toBe(onTop.at(1));
  });
});

describe('freeze', () => {
  it('freezes by expression or by the beginning of names, and training leaves those alone', () => {
    const net = model();
    const frozen = freeze(net, /^(conv1|layer[12])\./);
    expect(frozen.length).toBe(1 + 2 * 18);
    expect(freeze(net, 'layer3.0')).toHaveLength(6);
    const before = [...net.namedParameters()].map(([key, p]) => [key, p.data.slice()] as const);
    const optimizer = new SGD(net.parameters(), { learningRate: 0.1 });
    withTape((tape) => {
      tape.backward(crossEntropy(net.forward(x()), Int32Array.of(0, 1)));
      optimizer.step();
    });
    const parameters = new Map(net.namedParameters());
    for (const [key, values] of before) {
      const same = values.every((v, i) => v === parameters.get(key)?.data[i]);
      expect(same, key).toBe(/^(conv1|layer[12]|layer3\.0)\./.test(key));
    }
  });

  it('takes a name whole, up to a dot, and says when nothing matches', () => {
    const net = model();
    expect(freeze(net, 'bn1')).toEqual(['bn1.weight', 'bn1.bias']);
    expect(freeze(net, 'conv1.weight')).toEqual(['conv1.weight']);
    expect(() => freeze(net, 'layer')).toThrow(
      "freeze: no parameter matches 'layer'. The names begin with conv1, bn1, layer1, layer2, layer3, linear.",
    );
    expect(() => freeze(net, /fc/g)).toThrow('freeze: no parameter matches /fc/g.');
  });
});

describe('freeze without a pattern', () => {
  it('freezes all but the head', () => {
    const net = model();
    const frozen = freeze(net);
    const names = [...net.namedParameters()].map(([name]) => name);
    expect(frozen).toEqual(names.filter((name) => !name.startsWith('linear.')));
    expect([...net.namedParameters()].filter(([, p]) => p.requiresGrad).map(([name]) => name)).toEqual([
      'linear.weight',
      'linear.bias',
    ]);
  });

  it('leaves the heads of auxiliary classifiers too', () => {
    const net = createModel('googlenet', { widthMultiplier: 1 / 16, auxHeads: true });
    freeze(net);
    const trained = [...net.namedParameters()].filter(([, p]) => p.requiresGrad).map(([name]) => name);
    expect(trained).toEqual([
      'aux1.fc2.weight',
      'aux1.fc2.bias',
      'aux2.fc2.weight',
      'aux2.fc2.bias',
      'fc.weight',
      'fc.bias',
    ]);
  });

  it('has a sentence for a model without a head, and for one that is nothing else', () => {
    expect(() => freeze(createModel('capsnet_mnist', { widthMultiplier: 1 / 8 }))).toThrow(
      'freeze: CapsNet answers with',
    );
    expect(() => freeze(new Sequential(new ReLU()))).toThrow('freeze: Sequential has no Linear or Conv2d');
    expect(() => freeze(new Linear(2, 2))).toThrow('freeze: Linear has nothing but its head.');
    expect(() => freeze(model(), null as unknown as string)).toThrow(
      'freeze: the pattern is null, but must be a string',
    );
  });
});

describe('parameterGroupsByName', () => {
  it('gives each pattern its options and the rest the optimizer’s own', () => {
    const net = model();
    const groups = parameterGroupsByName(net, [
      ['linear', { learningRate: 0.1 }],
      [/bias$|bn\d\.weight$/, { weightDecay: 0 }],
    ]);
    const optimizer = new SGD(groups, { learningRate: 0.01, weightDecay: 1e-3 });
    expect(optimizer.groups.map(({ params }) => params.length)).toEqual([2, 38, 19]);
    expect(optimizer.groups.map((g) => [g.learningRateScale, g.options.weightDecay])).toEqual([
      [10, 1e-3],
      [1, 0],
      [1, 1e-3],
    ]);
    expect([...optimizer.parameters()].length).toBe([...net.parameters()].length);
  });

  it('is a public name, as its example uses it', () => {
    const groups = models.parameterGroupsByName(createModel('resnet18_cifar', { widthMultiplier: 1 / 8 }), [
      ['fc', { learningRate: 0.1 }],
    ]);
    const optimizer = new SGD(groups, { learningRate: 0.001, momentum: 0.9 });
    expect(optimizer.groups.map(({ learningRateScale }) => learningRateScale)).toEqual([100, 1]);
  });

  it('says when a pattern gets nothing', () => {
    expect(() => parameterGroupsByName(model(), [['fc', {}]])).toThrow(
      "parameterGroupsByName: no parameter matches 'fc'.",
    );
    const rates: [string | RegExp, { learningRate: number }][] = [
      [/./, { learningRate: 1 }],
      ['linear', { learningRate: 2 }],
    ];
    expect(() => parameterGroupsByName(model(), rates)).toThrow(
      "parameterGroupsByName: all that 'linear' matches is in groups before. Change the order.",
    );
  });
});

function bytes(data: Float32Array | undefined): Uint8Array {
  return data === undefined ? new Uint8Array() : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
