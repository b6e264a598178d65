import { choose } from '../ask.js';
import { defineCommand } from '../command.js';
import { readShape } from '../inputShape.js';

interface SummaryOptions {
  input?: string | undefined;
  classes?: number | undefined;
  width?: number | undefined;
  training?: boolean | undefined;
  json?: boolean | undefined;
  mermaid?: boolean | undefined;
  dot?: boolean | undefined;
}

export const command = defineCommand<SummaryOptions>({
  arguments: [
    { name: 'MODEL', help: 'a name that createModel knows, such as resnet50; without it, all names are listed' },
  ],
  flags: [
    {
      name: 'input',
      value: 'SHAPE',
      help: 'size of the images as 3x224x224 or 224; default: what the model was designed for',
    },
    { name: 'classes', value: 'N', help: 'number of classes', range: [1, 1e6] },
    { name: 'width', value: 'X', help: 'width multiplier, for models that have one', range: [1e-3, 100], real: true },
    { name: 'training', help: 'show what runs in training, with the auxiliary heads of models that have them' },
    { name: 'json', help: 'print the numbers as JSON' },
    { name: 'mermaid', help: 'print the graph of the model for Mermaid' },
    { name: 'dot', help: 'print the graph of the model for Graphviz' },
  ],
  examples: [
    ['stridenet summary resnet50', 'layers, output shapes, parameters and multiply-adds'],
    ['stridenet summary mobilenet_v1 --input 128 --width 0.25', 'a smaller one'],
  ],

  async run({ args: [first], options, terminal }) {
    const { listModels, models } = await import('../../src/models/index.js');
    const choices = listModels().map((value) => ({ value }));
    const name = first ?? (await choose(terminal, 'Which model?', choices));
    if (name === undefined) return terminal.print(listModels().join('\n'));
    const { createModel, summary } = await import('../../src/index.js');
    const { withoutInit } = await import('../../src/layers/index.js');
    const { training = false } = options;
    const common = { numClasses: options.classes, widthMultiplier: options.width };
    const hasHeads = training && ['googlenet', 'inception_v3'].includes(name);
    const model = withoutInit(() => createModel(name, hasHeads ? { ...common, auxHeads: true } : common));
    const designed = models[name as keyof typeof models].inputShape;
    const shape = [1, ...(options.input === undefined ? designed : readShape(options.input, designed[0]))];
    if (options.mermaid || options.dot) {
      const { graph } = await import('../../src/debug/index.js');
      return terminal.print(graph(model, shape, { training, format: options.dot ? 'dot' : 'mermaid' }));
    }
    const result = summary(model, shape, { training });
    if (options.json) terminal.json(result);
    else terminal.print(String(result));
  },
});
