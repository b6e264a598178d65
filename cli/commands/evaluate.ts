import { defineCommand } from '../command.js';
import type { EvaluateSettings } from '../evaluate/evaluateWeights.js';

export const command = defineCommand<EvaluateSettings>({
  about: `Measures the accuracy of saved weights on the test images of CIFAR-10.

WEIGHTS is a folder that 'stridenet train' or 'stridenet recipe' left, or a safetensors file or PyTorch checkpoint. For a folder, the
model and the normalization are those of the run. For a file, name the model.`,
  arguments: [{ name: 'WEIGHTS', help: 'a folder of a run, or a file', required: true }],
  flags: [
    { name: 'model', value: 'NAME', help: 'the model that the weights are for' },
    { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
    {
      name: 'mean',
      value: 'R,G,B',
      help: 'what was subtracted from pixels of 0 to 1; default: measured on the training images',
    },
    { name: 'std', value: 'R,G,B', help: 'what they were then divided by' },
    { name: 'limit', value: 'N', help: 'use only the first N test images; 0 for all', range: [0, 1e9], default: 0 },
    { name: 'json', help: 'print the numbers and the confusion matrix as JSON' },
  ],
  examples: [
    ['stridenet evaluate runs/cifar10', 'a run'],
    [
      'stridenet evaluate resnet20.th --model resnet20 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
      'a checkpoint of PyTorch',
    ],
  ],

  async run({ args: [weights], options, terminal }) {
    const { evaluateWeights } = await import('../evaluate/evaluateWeights.js');
    await evaluateWeights(weights, options, terminal);
  },
});
