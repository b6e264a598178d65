import { extname } from 'node:path';
import type { Module, StateDict } from '../../src/index.js';
import { loadOnnx, loadTfjsModel, loadWeights, saveOnnx, saveWeights } from '../../src/node/index.js';
import { UsageError } from '../flags.js';
import { readShape } from '../inputShape.js';
import { designedShape, modelFor } from '../models.js';

export interface ConvertSettings {
  model?: string | undefined;
  input?: string | undefined;
  logits?: boolean | undefined;
}

/** Converts a file and says in a line what was written. Throws `UsageError` for formats that can't be written or that lack a flag. */
export async function convertModel(from: string, to: string, settings: ConvertSettings): Promise<string> {
  const target = extname(to);
  if (target !== '.safetensors' && target !== '.onnx') {
    throw new UsageError(`OUT is ${to}, but must end in .safetensors or .onnx, the formats that can be written.`);
  }
  if (target === '.onnx') return writeOnnx(from, to, settings);
  const state = await readState(from, settings);
  await saveWeights(to, state);
  let values = 0;
  for (const { data } of state.values()) values += data.length;
  return `${to}: ${state.size} tensors, ${values.toLocaleString('en-US')} values`;
}

async function readState(from: string, settings: ConvertSettings): Promise<StateDict> {
  const whole = await readWhole(from, settings);
  if (whole !== null) return whole.stateDict();
  const state = await loadWeights(from);
  return settings.model === undefined ? state : modelFor(settings.model, state).stateDict();
}

async function writeOnnx(from: string, to: string, settings: ConvertSettings): Promise<string> {
  const { model: name, input } = settings;
  const whole = await readWhole(from, settings);
  if (whole === null && name === undefined) {
    throw new UsageError(`${from} holds weights alone. Name the model that they are for: --model NAME.`);
  }
  if (name === undefined && input === undefined) {
    throw new UsageError('Say for which images the ONNX file is to be: --input 3x224x224.');
  }
  const designed = name === undefined ? ([3, 0, 0] as const) : designedShape(name);
  const model = whole ?? modelFor(name as string, await loadWeights(from));
  const shape = input === undefined ? [...designed] : readShape(input, designed[0]);
  await saveOnnx(to, model, [1, ...shape]);
  return `${to}: a model for images of ${shape.join(' x ')}`;
}

/** The model of a file that holds more than weights; null for one that holds weights alone. */
async function readWhole(from: string, { logits }: ConvertSettings): Promise<Module | null> {
  const format = extname(from);
  if (format === '.onnx') return loadOnnx(from);
  return format === '.json' ? loadTfjsModel(from, { logits }) : null;
}
