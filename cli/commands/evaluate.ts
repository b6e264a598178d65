import { defineCommand } from '../command.js';
import { type PhotoEvaluation, VIEWS } from '../evaluate/evaluatePhotos.js';
import type { EvaluateSettings } from '../evaluate/evaluateWeights.js';

export const command = defineCommand<EvaluateSettings & PhotoEvaluation>({
  about: `Measures a classifier on a folder of photographs, a folder per class or with a file of labels, or saved weights on the test images of CIFAR-10.

Of a folder of photographs, the test or val part counts, if it has one. --model is the file of the classifier.

WEIGHTS is a folder that 'stridenet train' or 'stridenet recipe' left, or a safetensors file or PyTorch checkpoint. For a folder, the
model and the normalization are those of the run. For a file, name the model.`,
  arguments: [
    { name: 'WEIGHTS', help: 'a folder of photographs, a folder of a run, or a file of weights', required: true },
  ],
  flags: [
    { name: 'model', value: 'NAME', help: "the model that the weights are for; for photographs, a classifier's file" },
    { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
    {
      name: 'mean',
      value: 'R,G,B',
      help: 'what was subtracted from pixels of 0 to 1; default: measured on the training images',
    },
    { name: 'std', value: 'R,G,B', help: 'what they were then divided by' },
    { name: 'limit', value: 'N', help: 'use only the first N test images; 0 for all', range: [0, 1e9], default: 0 },
    { name: 'views', value: 'SET', help: 'photographs: views that are averaged', oneOf: VIEWS, default: 'center' },
    {
      name: 'labels',
      value: 'FILE',
      help: 'photographs: a CSV or JSON file of labels; default: labels.csv or folders',
    },
    { name: 'out', value: 'FILE', help: 'photographs: write a CSV of all answers' },
    { name: 'json', help: 'print the numbers and the confusion matrix as JSON' },
  ],
  examples: [
    ['stridenet evaluate photos --model runs/photos/classifier.safetensors --views scales', 'a classifier of yours'],
    ['stridenet evaluate runs/cifar10', 'a run'],
    [
      'stridenet evaluate resnet20.th --model resnet20 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225',
      'a checkpoint of PyTorch',
    ],
  ],

  async run({ args: [weights], options, terminal }) {
    const { holdsPhotos } = await import('../trainPhotos/trainPhotos.js');
    if (holdsPhotos(weights)) {
      const { evaluatePhotos } = await import('../evaluate/evaluatePhotos.js');
      return evaluatePhotos(weights, options, terminal);
    }
    const { evaluateWeights } = await import('../evaluate/evaluateWeights.js');
    await evaluateWeights(weights, options, terminal);
    return 0;
  },
});
