// Prints the layers of a model: `npm run summary -- resnet50`, and for another size of images `npm run summary -- resnet50 160`.
import { parseArgs } from 'node:util';
import { graph } from '../src/debug/index.js';
import { createModel, StridenetError, summary } from '../src/index.js';
import { withoutInit } from '../src/layers/index.js';
import { listModels, models } from '../src/models/index.js';

const usage = `npm run summary -- MODEL [SIZE] [--classes N] [--width X] [--training] [--json | --mermaid | --dot]

MODEL is one of ${listModels().join(', ')}.
SIZE is that of the images; without it, the one that the model was designed for.
--training shows what runs in training, with the auxiliary heads of models that have them.
--json prints the numbers, --mermaid and --dot the graph of the model as text.`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      classes: { type: 'string' },
      width: { type: 'string' },
      training: { type: 'boolean' },
      json: { type: 'boolean' },
      mermaid: { type: 'boolean' },
      dot: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [name, size] = positionals;
  if (values.help || name === undefined) {
    console.log(usage);
    return;
  }
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const common = { numClasses: number(values.classes), widthMultiplier: number(values.width) };
  const { training = false } = values;
  const hasHeads = training && ['googlenet', 'inception_v3'].includes(name);
  const options = hasHeads ? { ...common, auxHeads: true } : common;
  const model = withoutInit(() => createModel(name, options));
  const [channels, height, width] = models[name as keyof typeof models].inputShape;
  const shape = [1, channels, number(size) ?? height, number(size) ?? width];
  if (values.mermaid || values.dot)
    console.log(graph(model, shape, { training, format: values.dot ? 'dot' : 'mermaid' }));
  else if (values.json) console.log(JSON.stringify(summary(model, shape, { training }), null, 2));
  else console.log(`${summary(model, shape, { training })}`);
}

try {
  main();
} catch (error) {
  const usageError = error instanceof TypeError && 'code' in error;
  if (!(error instanceof StridenetError || usageError)) throw error;
  console.error(`summary: ${(error as Error).message}`);
  process.exitCode = 1;
}
