import { defineCommand } from '../command.js';
import type { QuantizeSettings } from '../edge/quantizeSettings.js';

export const command = defineCommand<QuantizeSettings>({
  about: `Turns a network into 8-bit integers, measures what that costs, and writes it.

With --photos, IN is a classifier's file, as 'stridenet train' leaves it, and so is OUT. Ranges are found on the train part of the folder, and accuracy is
measured on its val or test part.

Without it, IN is an ONNX file, or weights that --model names the network of. OUT ends in .safetensors (for QuantizedModel.load) or .onnx (for onnxruntime
and others). Ranges are found on training images of CIFAR-10, and accuracy is measured on its test images.`,
  arguments: [
    { name: 'IN', help: 'the file to read', required: true },
    { name: 'OUT', help: 'the file to write', required: true },
  ],
  flags: [
    { name: 'photos', value: 'FOLDER', help: 'photographs, a folder per class or with a file of labels' },
    { name: 'labels', value: 'FILE', help: 'with --photos: a CSV or JSON file of labels' },
    { name: 'model', value: 'NAME', help: 'the network that the weights are for' },
    { name: 'bits', value: 'N', help: 'bits of weights and activations; 7 is faster', range: [7, 8], default: 8 },
    {
      name: 'ranges',
      value: 'NAME',
      help: 'how ranges of activations are found',
      oneOf: ['minmax', 'percentile', 'mse', 'entropy'],
      default: 'minmax',
    },
    { name: 'perTensor', help: 'one scale for all channels of a layer' },
    { name: 'equalize', help: 'balance the weights of neighboring layers first' },
    { name: 'biasCorrection', help: 'correct biases by what rounding the weights adds' },
    { name: 'calibration', value: 'N', help: 'images that ranges are found on', range: [1, 50_000], default: 500 },
    {
      name: 'limit',
      value: 'N',
      help: 'use only the first N test images; 0 for all',
      range: [0, 1e9],
      default: 0,
    },
    {
      name: 'maxDrop',
      value: 'X',
      help: 'warn when accuracy falls by more points',
      range: [0, 100],
      real: true,
      default: 1,
    },
    {
      name: 'input',
      value: 'SHAPE',
      help: 'size of the images as 3x32x32 or 32; default: what the network was designed for',
    },
    { name: 'mean', value: 'R,G,B', help: 'what was subtracted from pixels of 0 to 1; default: measured' },
    { name: 'std', value: 'R,G,B', help: 'what they were then divided by' },
    { name: 'html', value: 'FILE', help: 'write the report as a page' },
    { name: 'json', help: 'print the report as JSON' },
    { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
  ],
  examples: [
    ['stridenet quantize resnet20.safetensors resnet20.int8.safetensors --model resnet20', 'a quarter of the size'],
    ['stridenet quantize classifier.safetensors small.safetensors --photos photos', 'a classifier of photographs'],
    ['stridenet quantize network.onnx network.qdq.onnx --bits 7 --html report.html', 'for onnxruntime, with a report'],
  ],

  async run({ args: [from, to], options, terminal }) {
    if (options.photos !== undefined) {
      const { quantizePhotos } = await import('../edge/quantizePhotos.js');
      return quantizePhotos(from, to, { ...options, photos: options.photos }, terminal);
    }
    const { quantizeModel } = await import('../edge/quantizeModel.js');
    await quantizeModel(from, to, options, terminal);
    return 0;
  },
});
