import { extname } from 'node:path';
import { distill } from '../../src/edge/index.js';
import { createModel, fit, type Module, manualSeed } from '../../src/index.js';
import { loadWeights, saveWeights } from '../../src/node/index.js';
import { UsageError } from '../flags.js';
import { expectModel, modelFor } from '../models.js';
import type { Terminal } from '../terminal.js';
import { cifarTraining } from './cifarTraining.js';

export interface DistillSettings {
  teacher: string;
  student: string;
  width: number;
  temperature: number;
  alpha: number;
  epochs: number;
  learningRate: number;
  alone?: boolean | undefined;
  seed: number;
  data?: string | undefined;
  limit: number;
}

/** Trains a student from a teacher's weights, and alone if asked to, prints the accuracies and writes the student. */
export async function distillModel(
  from: string,
  to: string,
  settings: DistillSettings,
  terminal: Terminal,
): Promise<void> {
  const { teacher: name, student: small, width, temperature, alpha, epochs, seed } = settings;
  if (extname(to) !== '.safetensors') throw new UsageError(`OUT is ${to}, but must end in .safetensors.`);
  for (const each of [name, small]) expectModel(each);
  const teacher = modelFor(name, await loadWeights(from));
  const { optionsFor, accuracy } = await cifarTraining(settings, terminal);
  const numClasses = [...teacher.parameters()].at(-1)?.shape[0];
  const fresh = (): Module => {
    manualSeed(seed);
    return createModel(small, { widthMultiplier: width, numClasses });
  };
  terminal.print(`teacher ${name}: test accuracy ${percent(await accuracy(teacher))}`);
  const student = fresh();
  const { loss: _, labelSmoothing: __, ...options } = optionsFor(student);
  await distill(teacher, student, { ...options, temperature, alpha });
  terminal.print(`${small} from it, ${epochs} epochs: test accuracy ${percent(await accuracy(student))}`);
  await saveWeights(to, student);
  terminal.print(`${to} is written`);
  if (!settings.alone) return;
  const alone = fresh();
  await fit(alone, optionsFor(alone));
  terminal.print(`${small} alone, ${epochs} epochs: test accuracy ${percent(await accuracy(alone))}`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
