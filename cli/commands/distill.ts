import { defineCommand } from '../command.js';
import { CIFAR_FLAGS } from '../edge/cifarFlags.js';
import type { DistillSettings } from '../edge/distillModel.js';

export const command = defineCommand<DistillSettings>({
  about: `Trains a small network on CIFAR-10 to answer as a larger one that is already trained, and measures it on the test images. With --alone, a
second one is trained by the labels alone for as long, for comparison.`,
  arguments: [
    { name: 'WEIGHTS', help: "the teacher's weights", required: true },
    { name: 'OUT', help: 'the .safetensors file to write', required: true },
  ],
  flags: [
    { name: 'teacher', value: 'NAME', help: 'the network that the weights are for', default: 'resnet20' },
    { name: 'student', value: 'NAME', help: 'the network to train', default: 'resnet8' },
    { name: 'width', value: 'X', help: 'width multiplier of the student', range: [0.01, 10], real: true, default: 1 },
    {
      name: 'temperature',
      value: 'X',
      help: 'divides the logits of both',
      range: [0.01, 1000],
      real: true,
      default: 4,
    },
    {
      name: 'alpha',
      value: 'X',
      help: 'the part of the loss that the teacher makes',
      range: [0, 1],
      real: true,
      default: 0.9,
    },
    { name: 'epochs', value: 'N', help: 'times through the images', range: [1, 10_000], default: 15 },
    {
      name: 'learningRate',
      value: 'X',
      help: 'the highest learning rate',
      range: [1e-6, 10],
      real: true,
      default: 0.1,
    },
    { name: 'alone', help: 'train a second student without the teacher' },
    { name: 'seed', value: 'N', help: 'the same seed gives the same bytes', range: [0, 2 ** 31], default: 1 },
    ...CIFAR_FLAGS,
  ],
  examples: [
    ['stridenet distill resnet20.safetensors small.safetensors', 'ResNet-8 from ResNet-20'],
    [
      'stridenet distill weights.safetensors small.safetensors --teacher resnet56 --student cifar_net --alone',
      'and without it',
    ],
  ],

  async run({ args: [from, to], options, terminal }) {
    const { distillModel } = await import('../edge/distillModel.js');
    await distillModel(from, to, options, terminal);
  },
});
