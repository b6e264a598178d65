import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, ShapeError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { dryRun } from '../../src/debug/dryRun.js';
import type { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import type { CapsNet } from '../../src/models/capsnet.js';
import { type CreateModelOptions, createModel, listModels, type ModelName } from '../../src/models/index.js';
import { Adam } from '../../src/optim/adam.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';
import { createModelWith } from '../../testing/modelOptions.js';

beforeEach(() => manualSeed(1));

/** All of these models together are larger than the heap. */
let built: Module | null = null;
afterEach(() => {
  for (const p of built?.parameters() ?? []) {
    p.grad?.dispose();
    p.dispose();
  }
  built = null;
});

/** The smallest image that the documentation of each family names: the first line that fits. */
const smallest: [family: RegExp, pixels: number][] = [
  [/^(cifar_net|vgg_small)$/, 8],
  [/^(resnet8|resnet20|resnet32|resnet44|resnet56|resnet110)$/, 4],
  [/^wrn_/, 4],
  [/^airbench/, 25],
  [/^alexnet$/, 63],
  [/^alexnet_2012$/, 67],
  [/^vgg/, 32],
  [/^googlenet$/, 15],
  [/^googlenet_cifar$/, 4],
  [/^inception_v3$/, 75],
  [/^squeezenet1_0$/, 21],
  [/^squeezenet1_1$/, 17],
  [/^squeezenet_cifar$/, 5],
  [/^densenet/, 29],
  [/^(resnet|resnext|wide_resnet|mobilenet|efficientnet)/, 1],
  [/^capsnet_mnist$/, 17],
];

function leastOf(name: ModelName): number {
  return smallest.find(([family]) => family.test(name))?.[1] ?? Number.NaN;
}

interface Training {
  options: CreateModelOptions;
  /** Of the images. Default: the smallest. */
  size?: number;
  /** Default 3e-3. */
  rate?: number;
  /** At most. Default 120. */
  steps?: number;
}

/** How each family learns eight images in a moment: the first line that fits. */
const trainings: [family: RegExp, Training][] = [
  [/^resnet110$/, { options: { widthMultiplier: 1 / 2 }, size: 8, rate: 1e-3 }],
  [
    /^(cifar_net|vgg_small|resnet8|resnet20|resnet32|resnet44|resnet56)$/,
    { options: { widthMultiplier: 1 / 4 }, size: 16 },
  ],
  [/^wrn_|_cifar$/, { options: { widthMultiplier: 1 / 8 }, size: 16 }],
  [/^airbench/, { options: { widthMultiplier: 1 / 4 }, rate: 1e-2 }],
  [/^googlenet$/, { options: { widthMultiplier: 1 / 8 }, size: 40 }],
  [/^vgg19$/, { options: { widthMultiplier: 1 / 8 }, rate: 1e-3, steps: 300 }],
  // Without batch norm the deep ones are slow to start.
  [/^vgg1[136]$|^alexnet/, { options: { widthMultiplier: 1 / 8 }, rate: 1e-3 }],
  // A class whose logits end up below the last ReLU learns no more, which of eight classes soon befalls some.
  [/^squeezenet1/, { options: { widthMultiplier: 1 / 4, numClasses: 2 }, size: 48, rate: 1e-3 }],
  [/^(resnet|resnext|wide_resnet|mobilenet|efficientnet)/, { options: { widthMultiplier: 1 / 8 }, size: 40 }],
];

function trainingOf(name: ModelName): Training {
  const own = trainings.find(([family]) => family.test(name))?.[1] ?? { options: {} };
  return name.startsWith('vgg') || name.startsWith('inception') ? { ...own, size: leastOf(name) } : own;
}

describe.each(listModels())('%s', (name) => {
  const least = leastOf(name);
  const narrow = (options: CreateModelOptions = {}): Module => {
    built = createModelWith(name, { widthMultiplier: 1 / 16, numClasses: 8, inChannels: 3, ...options });
    return built;
  };
  const sized = (size: number): CreateModelOptions => (name === 'capsnet_mnist' ? { imageSize: size } : {});

  it('runs on the smallest image that its documentation names, and has a sentence for smaller ones', () => {
    const model = withoutInit(() => narrow(sized(least)));
    expect(dryRun(() => model.predict(Tensor.zeros([1, 3, least, least])).shape)).toEqual([1, 8]);
    const run = (): unknown => model.predict(Tensor.zeros([1, 3, least, least - 1]));
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(
      new RegExp(
        `^${name}: x \\[1, 3, ${least}, ${least - 1}\\] has images of ${least}x${least - 1} pixels, but .*${least}x${least}\\b.*\\.$`,
      ),
    );
  });

  it('names the batch and the channels that it needs', () => {
    const model = withoutInit(() => narrow());
    expect(() => model.predict(Tensor.zeros([1, 2, least, least]))).toThrow(
      `${name}: x [1, 2, ${least}, ${least}] has 2 channels, but the model was made for 3. Pass inChannels=2 to createModel.`,
    );
    expect(() => model.predict(Tensor.zeros([3, least, least]))).toThrow(
      `${name}: x has shape [3, ${least}, ${least}], but needs 4 axes, [N, C, H, W].`,
    );
    expect(() => createModel(name, { numClasses: 0 })).toThrow(`numClasses is 0, but must be`);
  });

  it('gives every parameter a gradient, and learns eight images by heart', () => {
    const { options, size = least, rate = 3e-3, steps = 120 } = trainingOf(name);
    const model = narrow({ dropout: 0, stochasticDepth: 0, ...sized(size), ...options });
    const shape = [8, 3, size, size];
    const noise = normals(shape, 'images');
    const x = Tensor.from(name === 'capsnet_mnist' ? noise.map((v) => 1 / (1 + Math.exp(-v))) : noise, shape);
    const labels = Int32Array.from({ length: 8 }, (_, i) => i % (options.numClasses ?? 8));
    const lossOf = (): Tensor =>
      name === 'capsnet_mnist' ? (model as CapsNet).trainingLoss(x, labels) : crossEntropy(model.forward(x), labels);
    const optimizer = new Adam(model.parameters(), { learningRate: rate });
    let loss = Infinity;
    for (let step = 0; step < steps && loss > 0.1; step++) {
      loss = withTape((tape) => {
        const mean = lossOf();
        tape.backward(mean);
        if (step === 0) expect(withoutGradient(model)).toEqual([]);
        optimizer.step();
        return mean.item();
      });
    }
    expect(loss).toBeLessThan(0.1);
  });
});

function withoutGradient(model: Module): string[] {
  return [...model.namedParameters()]
    .filter(([, p]) => p.requiresGrad && !p.grad?.data.some((v) => v !== 0))
    .map(([key]) => key);
}

describe('createModel', () => {
  it.each([
    ['resnet5', 'resnet50'],
    ['Resnet50', 'resnet50'],
    ['mobilenetv2', 'mobilenet_v2'],
    ['mobile_net_v3_small', 'mobilenet_v3_small'],
    ['vgg16bn', 'vgg16_bn'],
    ['effcientnet_b0', 'efficientnet_b0'],
    ['inceptionv3', 'inception_v3'],
    ['alexnet2012', 'alexnet_2012'],
    ['wrn-28-10', 'wrn_28_10'],
    ['capsnet', 'capsnet_mnist'],
    ['densenet', 'densenet121'],
  ])('suggests what %s was meant to be', (misspelt, meant) => {
    expect(() => createModel(misspelt)).toThrow(ArgumentError);
    expect(() => createModel(misspelt)).toThrow(
      new RegExp(`^createModel: there is no model '${misspelt}'\\. Did you mean .*'${meant}'`),
    );
  });

  it.each(listModels())('knows %s with one letter missing', (name) => {
    const misspelt = name.slice(0, 1) + name.slice(2);
    expect(() => createModel(misspelt)).toThrow(new RegExp(`Did you mean .*'${name}'`));
  });
});
