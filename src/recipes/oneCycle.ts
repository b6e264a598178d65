import { alternatingFlip, compose, translate } from '../data/transforms/index.js';
import type { Module } from '../layers/module.js';
import { oneCycleSchedule } from '../optim/cyclicSchedules.js';
import { parameterGroups } from '../optim/parameterGroups.js';
import { SGD } from '../optim/sgd.js';
import { mirrorViews } from '../train/views.js';
import type { Recipe } from './recipe.js';

/**
 * Short schedules for known networks: Nesterov SGD whose learning rate rises and falls once, no weight decay on biases and batch
 * norms, alternating flips and small shifts, since a network that sees each image few times needs little augmentation.
 */
const oneCycle = {
  source:
    'the schedule of Smith and Topin 2018, "Super-convergence" (arXiv:1708.07120); augmentation of Jordan 2024 (arXiv:2404.00498)',
  batchSize: 128,
  transform: () => compose(alternatingFlip(), translate(2)),
  optimizer: (model) => sgd(model, { learningRate: 0.1, weightDecay: 5e-4 }),
  schedule: (steps, { learningRate }) => oneCycleSchedule(learningRate, { steps, pctStart: 0.25 }),
  views: () => mirrorViews(),
} satisfies Partial<Recipe>;

/** For networks of many multiply-adds: most epochs see smaller images, 16x16 for three eighths of them, then 24x24, at last 32x32. */
const growing = {
  source: `${oneCycle.source}; progressive resizing of Tan and Le 2021 (arXiv:2104.00298)`,
  imageSizes: growingSizes,
} satisfies Partial<Recipe>;

export const quick: Recipe = {
  ...oneCycle,
  name: 'quick',
  title: 'a small LeNet-like network, 8 epochs',
  model: 'cifar_net',
  epochs: 8,
  batchSize: 32,
  optimizer: (model) => sgd(model, { learningRate: 0.05, weightDecay: 5e-4 }),
  goal: { accuracy: 0.75, minutes: 2 },
};

export const resnet8: Recipe = {
  ...oneCycle,
  name: 'resnet8',
  title: 'ResNet-8 of MLPerf Tiny, 36 epochs',
  model: 'resnet8',
  epochs: 36,
  optimizer: (model) => sgd(model, { learningRate: 0.2, weightDecay: 2e-4 }),
  goal: { accuracy: 0.87 },
};

export const resnet20: Recipe = {
  ...oneCycle,
  name: 'resnet20',
  title: 'ResNet-20, 30 epochs',
  model: 'resnet20',
  epochs: 30,
  optimizer: (model) => sgd(model, { learningRate: 0.2, weightDecay: 5e-4 }),
  goal: { accuracy: 0.91 },
};

export const mobilenetV2: Recipe = {
  ...oneCycle,
  ...growing,
  name: 'mobilenet-v2',
  title: 'MobileNet v2 for 32x32 images, 12 epochs',
  model: 'mobilenet_v2_cifar',
  epochs: 12,
  goal: { accuracy: 0.88 },
};

export const squeezenet: Recipe = {
  ...oneCycle,
  ...growing,
  name: 'squeezenet',
  title: 'SqueezeNet with batch norm for 32x32 images, 12 epochs',
  model: 'squeezenet_cifar',
  epochs: 12,
  goal: { accuracy: 0.88 },
};

export const vgg: Recipe = {
  ...oneCycle,
  name: 'vgg',
  title: 'VGG-11 with batch norm for 32x32 images, 9 epochs',
  model: 'vgg11_cifar',
  epochs: 9,
  goal: { accuracy: 0.88 },
};

export const googlenet: Recipe = {
  ...oneCycle,
  ...growing,
  name: 'googlenet',
  title: 'GoogLeNet of 3/8 width for 32x32 images, 10 epochs',
  model: 'googlenet_cifar',
  modelOptions: { widthMultiplier: 0.375 },
  epochs: 10,
  goal: { accuracy: 0.88 },
};

/** The side of the images in each epoch. */
function growingSizes(epochs: number): number[] {
  return Array.from({ length: epochs }, (_, epoch) => {
    const done = (epoch + 0.5) / epochs;
    return done < 0.375 ? 16 : done < 0.85 ? 24 : 32;
  });
}

/** Nesterov SGD with weight decay on the weights of convolutions and linear layers only. */
function sgd(model: Module, options: { learningRate: number; weightDecay: number }): SGD {
  return new SGD(parameterGroups(model, options), { ...options, momentum: 0.9, nesterov: true });
}
