import { defineCommand } from '../command.js';
import { CIFAR_FLAGS } from '../edge/cifarFlags.js';
import type { PruneSettings } from '../edge/pruneModel.js';

export const command = defineCommand<PruneSettings>({
  about: `Removes the least important channels of a network, and writes the smaller one.

IN is an ONNX file, or weights that --model names the network of. OUT ends in .onnx (the whole network) or .safetensors (weights; what was removed
goes to OUT.plan.json, from which applyPlan makes the network again). With --epochs, the result is fine-tuned on CIFAR-10 and measured on its
test images.`,
  arguments: [
    { name: 'IN', help: 'the file to read', required: true },
    { name: 'OUT', help: 'the file to write', required: true },
  ],
  flags: [
    { name: 'model', value: 'NAME', help: 'the network that the weights are for' },
    {
      name: 'speedup',
      value: 'X',
      help: 'how many times fewer multiply-adds',
      range: [1, 1000],
      real: true,
      default: 2,
    },
    {
      name: 'criterion',
      value: 'NAME',
      help: 'what counts as important',
      oneOf: ['l1', 'l2', 'batchNorm'],
      default: 'l2',
    },
    {
      name: 'scope',
      value: 'NAME',
      help: 'compare all layers, or take the same share of each',
      oneOf: ['global', 'layer'],
      default: 'global',
    },
    { name: 'multiple', value: 'N', help: 'layers keep a multiple of so many channels', range: [1, 1024], default: 1 },
    {
      name: 'input',
      value: 'SHAPE',
      help: 'size of the images as 3x224x224 or 224; default: what the network was designed for',
    },
    { name: 'float16', help: 'write weights in half the size' },
    { name: 'epochs', value: 'N', help: 'epochs of fine-tuning on CIFAR-10', range: [0, 1000], default: 0 },
    {
      name: 'learningRate',
      value: 'X',
      help: 'the highest learning rate of fine-tuning',
      range: [1e-6, 10],
      real: true,
      default: 0.02,
    },
    { name: 'control', help: 'train the same network from fresh weights as well, for comparison' },
    ...CIFAR_FLAGS,
  ],
  examples: [
    [
      'stridenet prune resnet20.th small.safetensors --model resnet20 --epochs 3',
      'half the multiply-adds, fine-tuned on CIFAR-10',
    ],
    ['stridenet prune network.onnx small.onnx --input 3x224x224 --speedup 1.5', 'any network of an ONNX file'],
  ],

  async run({ args: [from, to], options, terminal }) {
    const { pruneModel } = await import('../edge/pruneModel.js');
    await pruneModel(from, to, options, terminal);
  },
});
