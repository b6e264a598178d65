import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Criterion, compareWithScratch, type PrunePlan, prune } from '../../src/edge/index.js';
import type { Module } from '../../src/index.js';
import { loadOnnx, loadWeights, saveOnnx, saveWeights } from '../../src/node/index.js';
import { UsageError } from '../flags.js';
import { readShape } from '../inputShape.js';
import { designedShape, modelFor } from '../models.js';
import type { Terminal } from '../terminal.js';
import { cifarTraining } from './cifarTraining.js';

export interface PruneSettings {
  model?: string | undefined;
  speedup: number;
  criterion: string;
  scope: string;
  multiple: number;
  input?: string | undefined;
  float16?: boolean | undefined;
  epochs: number;
  learningRate: number;
  control?: boolean | undefined;
  data?: string | undefined;
  limit: number;
}

/** Prunes the network of a file, fine-tunes and measures it if asked to, and writes it. */
export async function pruneModel(from: string, to: string, settings: PruneSettings, terminal: Terminal): Promise<void> {
  const { model: name, speedup, multiple, input, epochs, control } = settings;
  const target = extname(to);
  if (target !== '.safetensors' && target !== '.onnx') {
    throw new UsageError(`OUT is ${to}, but must end in .safetensors or .onnx, the formats that can be written.`);
  }
  if (control && epochs === 0) throw new UsageError('--control compares trainings: say how long with --epochs N.');
  const isOnnx = extname(from) === '.onnx';
  if (!isOnnx && name === undefined) {
    throw new UsageError(`${from} holds weights alone. Name the network that they are for: --model NAME.`);
  }
  if (isOnnx && input === undefined) throw new UsageError('Say which images the ONNX file is for: --input 3x224x224.');
  const designed = name === undefined ? ([3, 0, 0] as const) : designedShape(name);
  const shape = input === undefined ? [...designed] : readShape(input, designed[0]);
  const model: Module = isOnnx ? await loadOnnx(from) : modelFor(name as string, await loadWeights(from));
  const result = prune(model, {
    ...{ inputShape: [1, ...shape], speedup, multiple },
    criterion: settings.criterion as Criterion,
    scope: settings.scope as 'global' | 'layer',
  });
  terminal.print(String(result));
  const { plan } = result;
  let small = result.model;
  if (epochs > 0) {
    const { train, accuracy } = await cifarTraining(settings, terminal);
    terminal.print(
      `test accuracy before pruning ${percent(await accuracy(model))}, after ${percent(await accuracy(small))}`,
    );
    if (control) {
      const comparison = await compareWithScratch(small, { train, score: accuracy });
      terminal.print(`${epochs} epochs each:\n${comparison}`);
      small = comparison.model;
    } else {
      await train(small);
      terminal.print(`test accuracy after ${epochs} epochs ${percent(await accuracy(small))}`);
    }
  }
  await write(to, small, [1, ...shape], plan, settings);
  terminal.print(`${to} is written${target === '.safetensors' ? `, and what was removed in ${to}.plan.json` : ''}`);
}

async function write(
  to: string,
  model: Module,
  shape: number[],
  plan: PrunePlan,
  { float16 }: PruneSettings,
): Promise<void> {
  if (extname(to) === '.onnx') return saveOnnx(to, model, shape);
  await saveWeights(to, model, { dtype: float16 ? 'F16' : 'F32' });
  await writeFile(`${to}.plan.json`, `${JSON.stringify(plan)}\n`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
