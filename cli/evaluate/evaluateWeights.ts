import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DataLoader, type Dataset, evaluate, type MeanStd, measureMeanStd, splitDataset } from '../../src/index.js';
import { loadWeights } from '../../src/node/index.js';
import { recipes } from '../../src/recipes/index.js';
import { CommandError, UsageError } from '../flags.js';
import { modelFor } from '../models.js';
import { readConfig } from '../runs/runFolder.js';
import type { Terminal } from '../terminal.js';
import { first, loadData } from '../train/data.js';

export interface EvaluateSettings {
  model?: string | undefined;
  data?: string | undefined;
  mean?: string | undefined;
  std?: string | undefined;
  limit: number;
  json?: boolean | undefined;
}

/** Weights to measure, and how the images for them are normalized. */
interface Measured {
  file: string;
  model: string;
  options: object;
  normalize(train: Dataset): MeanStd;
}

/** Measures weights on the test images and prints the result. */
export async function evaluateWeights(path: string, settings: EvaluateSettings, terminal: Terminal): Promise<void> {
  const { file, model: name, options, normalize } = measuredOf(path, settings);
  const model = modelFor(name, await loadWeights(file), options);
  const { data: dir } = settings;
  const data = await loadData({ dir: dir === 'cifar10' ? undefined : dir, print: terminal.note });
  const test = first(data.test, settings.limit);
  const loader = new DataLoader(test, { batchSize: 250, normalize: normalizeOf(settings) ?? normalize(data.train) });
  const { count, loss, accuracy, top5, confusion } = await evaluate(model, loader);
  if (settings.json) {
    const { classes } = test;
    terminal.json({
      file,
      model: name,
      data: data.name,
      count,
      loss,
      accuracy,
      top5,
      classes,
      confusion: confusion.toArray(),
    });
    return;
  }
  terminal.print(`${name} from ${file}: ${count} test images of ${data.name}`);
  terminal.print(`loss ${loss.toFixed(4)}${top5 === undefined ? '' : `  top-5 accuracy ${percent(top5)}`}`);
  terminal.print(`test accuracy ${percent(accuracy)}`);
}

function measuredOf(path: string, { model }: EvaluateSettings): Measured {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined) throw new CommandError(`There is no file or folder ${path}.`);
  if (!kind.isDirectory()) {
    if (model === undefined) throw new UsageError(`Name the model that ${path} has the weights of: --model NAME.`);
    return { file: path, model, options: {}, normalize: measureMeanStd };
  }
  const file = join(path, 'weights.safetensors');
  const { recipe: name, model: saved, limit = 0, seed = 0 } = Object(readConfig(path));
  if (Object.hasOwn(recipes, name)) {
    const { model: own, modelOptions: options = {} } = recipes[name as keyof typeof recipes];
    return { file, model: model ?? own, options, normalize: (train) => measureMeanStd(first(train, limit)) };
  }
  // As `stridenet train` measures them: on the images that it does not hold out.
  const normalize = (train: Dataset): MeanStd => measureMeanStd(splitDataset(first(train, limit), 0.04, { seed })[0]);
  if (model === undefined && typeof saved !== 'string') {
    throw new UsageError(`The run in ${path} does not say which model it trained. Name it: --model NAME.`);
  }
  return { file, model: model ?? saved, options: {}, normalize };
}

/** `--mean` and `--std`; undefined without them. */
function normalizeOf({ mean, std }: EvaluateSettings): MeanStd | undefined {
  if (mean === undefined && std === undefined) return undefined;
  if (mean === undefined || std === undefined) throw new UsageError('--mean and --std go together.');
  return { mean: numbers('--mean', mean), std: numbers('--std', std) };
}

function numbers(flag: string, text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.length === 3 && values.every(Number.isFinite)) return values;
  throw new UsageError(`${flag} is '${text}', but must be three numbers such as 0.485,0.456,0.406.`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
