import { writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { exportQuantizedOnnx, quantize } from '../../src/edge/index.js';
import { DataLoader, type Module, measureMeanStd } from '../../src/index.js';
import { loadOnnx, loadWeights } from '../../src/node/index.js';
import { UsageError } from '../flags.js';
import { readShape } from '../inputShape.js';
import { designedShape, modelFor } from '../models.js';
import type { Terminal } from '../terminal.js';
import { first, loadData } from '../train/data.js';
import { printReport, type QuantizeSettings, quantizeOptions } from './quantizeSettings.js';

/** Quantizes the network of a file with images of CIFAR-10, measures it and writes it. */
export async function quantizeModel(
  from: string,
  to: string,
  settings: QuantizeSettings,
  terminal: Terminal,
): Promise<void> {
  const target = extname(to);
  if (target !== '.safetensors' && target !== '.onnx') {
    throw new UsageError(`OUT is ${to}, but must end in .safetensors or .onnx, the formats that can be written.`);
  }
  const { model: name, input, limit } = settings;
  if (settings.labels !== undefined) throw new UsageError('--labels belongs to --photos.');
  const isOnnx = extname(from) === '.onnx';
  if (!isOnnx && name === undefined) {
    throw new UsageError(`${basename(from)} holds weights alone. Name the network that they are for: --model NAME.`);
  }
  const designed = name === undefined ? ([3, 32, 32] as const) : designedShape(name);
  const image = input === undefined ? [...designed] : readShape(input, designed[0]);
  const model: Module = isOnnx ? await loadOnnx(from) : modelFor(name as string, await loadWeights(from));
  model.eval();
  const data = await loadData({ dir: settings.data, print: terminal.note });
  const normalize = normalization(settings) ?? measureMeanStd(data.train);
  const calibration = new DataLoader(first(data.train, settings.calibration), { batchSize: 100, normalize });
  const validation = new DataLoader(first(data.test, limit), { batchSize: 100, normalize });
  const quantized = await quantize(model, {
    inputShape: [1, ...image],
    calibration,
    validation,
    ...quantizeOptions(settings),
    maxImages: 100_000,
  });
  await writeFile(to, target === '.onnx' ? exportQuantizedOnnx(quantized) : quantized.save());
  await printReport(quantized, to, settings, terminal);
}

function normalization({ mean, std }: QuantizeSettings): { mean: number[]; std: number[] } | null {
  if (mean === undefined && std === undefined) return null;
  if (mean === undefined || std === undefined) throw new UsageError('--mean and --std belong together.');
  const read = (flag: string, text: string): number[] => {
    const numbers = text.split(',').map(Number);
    if (numbers.some((v) => !Number.isFinite(v)))
      throw new UsageError(`--${flag} is ${text}, but must be numbers as 0.5,0.5,0.5.`);
    return numbers;
  };
  return { mean: read('mean', mean), std: read('std', std) };
}
