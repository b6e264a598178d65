import { choose } from '../ask.js';
import { defineCommand } from '../command.js';
import { didYouMean, UsageError } from '../flags.js';
import { readShape } from '../inputShape.js';

interface ProfileOptions {
  input?: string | undefined;
  batch?: number | undefined;
  threads?: number | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<ProfileOptions>({
  arguments: [
    { name: 'MODEL', help: 'a name that createModel knows, such as mobilenet_v2; without it, all names are listed' },
  ],
  flags: [
    {
      name: 'input',
      value: 'SHAPE',
      help: 'size of the images as 3x224x224 or 224; default: what the model was designed for',
    },
    { name: 'batch', value: 'N', help: 'images per call; default 1', range: [1, 4096] },
    { name: 'threads', value: 'N', help: 'threads; default: all cores', range: [1, 256] },
    { name: 'json', help: 'print the numbers as JSON' },
  ],
  examples: [
    ['stridenet profile mobilenet_v2', 'milliseconds, algorithm and GFLOP/s of each operation'],
    ['stridenet profile resnet18 --input 64 --threads 1', 'smaller images on one thread'],
  ],

  async run({ args: [first], options, terminal }) {
    const { listModels, models } = await import('../../src/models/index.js');
    const choices = listModels().map((value) => ({ value }));
    const name = first ?? (await choose(terminal, 'Which model?', choices));
    if (name === undefined) return terminal.print(listModels().join('\n'));
    const { createModel, randn, useKernels } = await import('../../src/index.js');
    const { compile } = await import('../../src/graph/index.js');
    if (options.threads !== undefined) await useKernels('simd', { threads: options.threads });
    if (!listModels().includes(name as never)) {
      throw new UsageError(`There is no model '${name}'.${didYouMean(name, listModels())}`);
    }
    const model = createModel(name);
    const designed = models[name as keyof typeof models].inputShape;
    const image = options.input === undefined ? designed : readShape(options.input, designed[0]);
    const inputShape = [options.batch ?? 1, ...image];
    const result = compile(model, { inputShape }).profile(randn(inputShape));
    if (options.json) terminal.json(result);
    else terminal.print(String(result));
  },
});
