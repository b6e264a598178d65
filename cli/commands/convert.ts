import { defineCommand } from '../command.js';
import type { ConvertSettings } from '../convert/convertModel.js';

export const command = defineCommand<ConvertSettings>({
  about: `Converts weights and models between file formats.

IN is a safetensors file, a PyTorch checkpoint, an ONNX file or the model.json of a TensorFlow.js model. OUT ends in .safetensors (the
weights alone) or .onnx (the whole model). Files with weights alone need --model to become a whole model.`,
  arguments: [
    { name: 'IN', help: 'the file to read', required: true },
    { name: 'OUT', help: 'the file to write', required: true },
  ],
  flags: [
    { name: 'model', value: 'NAME', help: 'the model that the weights are for; checks that they fit' },
    {
      name: 'input',
      value: 'SHAPE',
      help: 'size of the images as 3x224x224 or 224, for ONNX; default: what the model was designed for',
    },
    { name: 'logits', help: 'leave out a softmax at the end of a TensorFlow.js model' },
  ],
  examples: [
    ['stridenet convert resnet20.th resnet20.safetensors', 'from PyTorch; nothing in the file is executed'],
    ['stridenet convert resnet20.th resnet20.onnx --model resnet20', 'a whole model'],
    ['stridenet convert mobilenet/model.json mobilenet.onnx --input 3x224x224', 'from TensorFlow.js'],
  ],

  async run({ args: [from, to], options, terminal }) {
    const { convertModel } = await import('../convert/convertModel.js');
    terminal.print(await convertModel(from, to, options));
  },
});
