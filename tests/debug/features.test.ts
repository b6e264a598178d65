import { describe, expect, it } from 'vitest';
import { embeddings, features } from '../../src/debug/features.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { GlobalAvgPool2d } from '../../src/layers/globalAvgPool2d.js';
import { Identity } from '../../src/layers/identity.js';
import { Linear } from '../../src/layers/linear.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { createModel } from '../../src/models/index.js';
import { scope } from '../../src/tensor/scope.js';
import { Tensor } from '../../src/tensor/tensor.js';

const x = Tensor.from([-1, 2, -3, 4], [1, 1, 2, 2]);

describe('features', () => {
  it('are what a module returns, though it is in the middle', () => {
    const net = new Sequential({ relu: new ReLU(), pool: new GlobalAvgPool2d(), fc: new Linear(1, 3) });
    expect(features(net, x, 'relu').toArray()).toEqual([
      [
        [
          [0, 2],
          [0, 4],
        ],
      ],
    ]);
    expect(features(net, x, 'pool').toArray()).toEqual([[1.5]]);
    expect([...features(net, x, '').data]).toEqual([...net.predict(x).data]);
  });

  it('may be the input itself, which stays whole', () => {
    const y = features(new Sequential(new Identity()), x, '0');
    expect([...y.data]).toEqual([-1, 2, -3, 4]);
    y.dispose();
    expect([...x.data]).toEqual([-1, 2, -3, 4]);
  });

  it('of a module that runs twice are its last', () => {
    const shared = new Linear(1, 1);
    shared.weight.data[0] = 2;
    shared.bias?.data.fill(0);
    expect(features(new Sequential(shared, shared), Tensor.from([3], [1, 1]), '0').item()).toBe(12);
  });

  it('come in evaluation mode, and leave the model and the memory as they were', () => {
    const model = createModel('resnet20', { widthMultiplier: 0.25 });
    const images = Tensor.ones([2, 3, 32, 32]);
    const once = (): void => scope(() => expect(features(model, images, 'layer2').shape).toEqual([2, 8, 16, 16]));
    once();
    const before = [model.stateDict(), memoryInfo().liveBytes];
    once();
    expect([model.stateDict(), memoryInfo().liveBytes]).toEqual(before);
    expect(model.training).toBe(true);
    expect(Object.hasOwn(model, 'forward')).toBe(false);
  });

  it('of an unknown module are a sentence with the names', () => {
    const net = new Sequential({ relu: new ReLU() });
    expect(() => features(net, x, 'layer4')).toThrow("features: the model has no module 'layer4'. It has relu.");
    class Lazy extends Sequential {
      readonly spare = new ReLU();
    }
    expect(() => features(new Lazy(), x, 'spare')).toThrow("features: module 'spare' did not run.");
  });
});

describe('embeddings', () => {
  it('are what the last linear layer is given', () => {
    const net = new Sequential({ pool: new GlobalAvgPool2d(), fc: new Linear(1, 3) });
    expect(embeddings(net, x).toArray()).toEqual([[0.5]]);
    expect(embeddings(createModel('mobilenet_v3_small'), Tensor.ones([2, 3, 32, 32])).shape).toEqual([2, 1024]);
  });

  it('of capsules are refused, and the way to them named', () => {
    const capsules = createModel('capsnet_mnist', { widthMultiplier: 0.125 });
    const image = Tensor.ones([2, 1, 28, 28]);
    expect(() => embeddings(capsules, image)).toThrow(
      "embeddings: CapsNet answers with the lengths of capsules, which no Linear or Conv2d gives. For other classes make a model with numClasses and copy the weights of 'conv1' and 'primary'; features(model, x, 'classes') gives the capsules.",
    );
    expect(features(capsules, image, 'classes').shape).toEqual([2, 10, 16]);
  });

  it('may be maps before a convolution that stands for it', () => {
    expect(embeddings(new Sequential(new ReLU(), new Conv2d(1, 5, 1)), x).shape).toEqual([1, 1, 2, 2]);
    expect(() => embeddings(new Sequential(new ReLU()), x)).toThrow(
      'embeddings: Sequential has no Linear or Conv2d that could be its head.',
    );
  });
});
