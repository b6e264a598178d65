import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { dryRun } from '../../src/debug/dryRun.js';
import { summary } from '../../src/debug/summary.js';
import { trace } from '../../src/debug/trace.js';
import { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { type GoogLeNet, googlenet } from '../../src/models/googlenet.js';
import { inception_v3 } from '../../src/models/inceptionV3.js';
import { type CreateModelOptions, createModel, models } from '../../src/models/index.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { add } from '../../src/tensor/ops/math/add.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { concat } from '../../src/tensor/ops/shape/concat.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

/** Ten of these models together are larger than the heap. */
function release(model: Module): void {
  for (const p of model.parameters()) {
    p.grad?.dispose();
    p.dispose();
  }
}

function images(count: number, channels: number, size: number): Tensor {
  const shape = [count, channels, size, size];
  return Tensor.from(normals(shape, 'images'), shape);
}

/** All logits of a model with auxiliary heads, as the output of one forward. */
class AllHeads extends Module {
  constructor(readonly model: Module & { forwardWithAux(x: Tensor): object }) {
    super();
  }

  forward(x: Tensor): Tensor {
    return concat(Object.values(this.model.forwardWithAux(x)), 1);
  }
}

describe('parameters and multiply-adds', () => {
  // Parameters and operations as torchvision publishes them; CIFAR's variants as their documentation says.
  it.each([
    ['alexnet', 61_100_840, 714_188_480],
    ['alexnet_2012', 60_965_224, 724_406_816],
    ['vgg11', 132_863_336, 7_609_090_048],
    ['vgg11_bn', 132_868_840, 7_609_090_048],
    ['vgg13', 133_047_848, 11_308_466_176],
    ['vgg13_bn', 133_053_736, 11_308_466_176],
    ['vgg16', 138_357_544, 15_470_264_320],
    ['vgg16_bn', 138_365_992, 15_470_264_320],
    ['vgg19', 143_667_240, 19_632_062_464],
    ['vgg19_bn', 143_678_248, 19_632_062_464],
    ['vgg11_cifar', 9_231_114, 152_769_536],
    ['vgg16_cifar', 14_728_266, 313_201_664],
    ['googlenet', 6_624_904, 1_498_376_192],
    ['googlenet_cifar', 5_490_986, 1_337_141_248],
    ['inception_v3', 23_834_568, 5_713_216_096],
    ['squeezenet1_0', 1_248_424, 818_924_576],
    ['squeezenet1_1', 1_235_496, 349_151_936],
    ['squeezenet_cifar', 733_514, 88_735_744],
    ['densenet121', 7_978_856, 2_834_161_664],
    ['densenet161', 28_681_000, 7_727_907_072],
    ['densenet169', 14_149_480, 3_359_843_328],
    ['densenet201', 20_013_928, 4_291_365_888],
  ])('%s has %i and %i', (name, params, macs) => {
    const model = withoutInit(() => createModel(name));
    const { inputShape } = models[name as 'alexnet'];
    expect(summary(model, [1, ...inputShape])).toMatchObject({ params, macs });
    release(model);
  });

  it('count the auxiliary heads where there are some', () => {
    const withHeads = (model: ConstructorParameters<typeof AllHeads>[0], size: number): object =>
      summary(new AllHeads(model), [1, 3, size, size]);
    const [two, one] = withoutInit(() => [googlenet({ auxHeads: true }), inception_v3({ auxHeads: true })] as const);
    expect(withHeads(two, 224)).toMatchObject({ params: 13_004_888, macs: 1_506_748_416 });
    expect(withHeads(one, 299)).toMatchObject({ params: 27_161_264, macs: 5_718_899_296 });
  });

  it('of GoogLeNet with the 5x5 filters of the paper are 7,005,832', () => {
    expect(summary(googlenet({ fiveByFive: true }), [1, 3, 224, 224]).params).toBe(7_005_832);
  });
});

/** Each family by a small member: name, options, size of the images. */
const small: [string, CreateModelOptions, number][] = [
  ['alexnet', { widthMultiplier: 1 / 8 }, 63],
  ['alexnet_2012', { widthMultiplier: 1 / 8 }, 67],
  ['vgg11', { widthMultiplier: 1 / 8 }, 32],
  ['vgg13_bn', { widthMultiplier: 1 / 8 }, 32],
  ['vgg11_cifar', { widthMultiplier: 1 / 8 }, 32],
  ['googlenet', { widthMultiplier: 1 / 8 }, 40],
  ['googlenet_cifar', { widthMultiplier: 1 / 8 }, 16],
  ['inception_v3', { widthMultiplier: 1 / 8 }, 75],
  // Behind the last ReLU a class whose logits are all zero learns no more, which of eight classes soon befalls some.
  ['squeezenet1_0', { widthMultiplier: 1 / 4, numClasses: 2 }, 48],
  ['squeezenet1_1', { widthMultiplier: 1 / 4, numClasses: 2 }, 48],
  ['squeezenet_cifar', { widthMultiplier: 1 / 4 }, 16],
  ['densenet121', { widthMultiplier: 1 / 4 }, 32],
];

const labels = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);

function expectAllGradients(model: Module): void {
  const without = [...model.namedParameters()].filter(([, p]) => !p.grad?.data.some((v) => v !== 0));
  expect(without.map(([key]) => key)).toEqual([]);
}

describe.each(small)('%s', (name, options, size) => {
  const make = (extra: CreateModelOptions = {}): Module =>
    createModel(name, { numClasses: 8, dropout: 0, ...options, ...extra });

  it('takes gray images, other widths and numbers of classes', () => {
    const model = make({ inChannels: 1, numClasses: 7 });
    expect(dryRun(() => model.predict(Tensor.zeros([2, 1, size, size]))).shape).toEqual([2, 7]);
  });
});

describe('auxiliary heads', () => {
  it('of GoogLeNet train with the rest: every parameter gets a gradient', () => {
    const model = createModel('googlenet', { widthMultiplier: 1 / 8, numClasses: 8, auxHeads: true }) as GoogLeNet;
    withTape((tape) => {
      const { logits, aux1, aux2 } = model.forwardWithAux(images(8, 3, 40));
      const aux = add(crossEntropy(aux1, labels), crossEntropy(aux2, labels));
      tape.backward(add(crossEntropy(logits, labels), mul(aux, 0.3)));
    });
    expectAllGradients(model);
  });

  it('of GoogLeNet hang behind blocks 4a and 4d, that of Inception v3 behind 6e', () => {
    const seen = new Map<string, [Tensor, Tensor]>();
    const run = (model: Module & { forwardWithAux(x: Tensor): object }, size: number): void => {
      model.eval();
      const forward = (): object => model.forwardWithAux(Tensor.zeros([1, 3, size, size]));
      dryRun(() => trace(model, forward, (name, _module, x, y) => seen.set(name, [x, y])));
    };
    const options = { widthMultiplier: 1 / 8, auxHeads: true };
    run(googlenet(options), 64);
    run(inception_v3(options), 299);
    expect(seen.get('aux1')?.[0]).toBe(seen.get('inception4a')?.[1]);
    expect(seen.get('aux2')?.[0]).toBe(seen.get('inception4d')?.[1]);
    expect(seen.get('AuxLogits')?.[0]).toBe(seen.get('Mixed_6e')?.[1]);
  });

  it('are not there unless asked for, and say so', () => {
    const x = Tensor.zeros([1, 3, 299, 299]);
    expect(() => googlenet({ widthMultiplier: 1 / 8 }).forwardWithAux(x)).toThrow(
      'googlenet: forwardWithAux needs the auxiliary heads. Make the model with auxHeads: true.',
    );
    expect(() => inception_v3({ widthMultiplier: 1 / 8 }).forwardWithAux(x)).toThrow(
      'inception_v3: forwardWithAux needs the auxiliary head. Make the model with auxHeads: true.',
    );
  });

  it('of Inception v3 need 299 pixels', () => {
    const model = inception_v3({ widthMultiplier: 1 / 16, auxHeads: true }).eval();
    const run = (size: number): unknown => dryRun(() => model.forwardWithAux(Tensor.zeros([1, 3, size, size])));
    expect(() => run(298)).toThrow(
      'inception_v3: x [1, 3, 298, 298] has images too small for the auxiliary head, which needs at least 299x299. Enlarge them, or call forward.',
    );
    expect(run(299)).toHaveProperty('aux');
  });
});
