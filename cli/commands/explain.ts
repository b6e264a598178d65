import { defineCommand } from '../command.js';

const METHODS = [
  'grad-cam',
  'grad-cam++',
  'hires-cam',
  'layer-cam',
  'score-cam',
  'saliency',
  'smoothgrad',
  'integrated-gradients',
  'guided-backprop',
  'occlusion',
] as const;

interface ExplainFlags {
  model?: string | undefined;
  method: (typeof METHODS)[number];
  layer?: string | undefined;
  class?: string | undefined;
  out?: string | undefined;
  width: number;
  json?: boolean | undefined;
}

export const command = defineCommand<ExplainFlags>({
  about: `Shows which parts of photographs speak for a class: draws a map of them over each photograph, as PHOTO.METHOD.png beside it or in the folder --out.`,
  arguments: [{ name: 'PHOTOS', help: 'files or folders', required: true, many: true }],
  flags: [
    { name: 'model', value: 'FILE', help: "a classifier's file, as 'stridenet train' leaves it" },
    { name: 'method', short: 'm', value: 'NAME', help: 'how it is found out', oneOf: METHODS, default: 'grad-cam' },
    { name: 'layer', value: 'NAME', help: 'the layer that activation maps look at; default: the last one with maps' },
    { name: 'class', short: 'c', value: 'NAME', help: 'the class to explain; default: the likeliest' },
    { name: 'out', short: 'o', value: 'DIR', help: 'where pictures go; default: beside each photograph' },
    { name: 'width', value: 'N', help: 'pixels across a picture', range: [64, 8192], default: 448 },
    { name: 'json', help: 'print what was explained as JSON, one line per photograph' },
  ],
  examples: [
    ['stridenet explain photo.jpg --model flowers.safetensors', 'draws photo.grad-cam.png'],
    ['stridenet explain photo.jpg -m occlusion -c tulip', 'why it could be a tulip'],
  ],

  async run({ args, options, terminal }) {
    const { explainPhotos } = await import('../explain/explainPhotos.js');
    return explainPhotos(args, options, terminal);
  },
});
