import { join } from 'node:path';
import type { Callback, Evaluation, History, Module, Parameter, TrainingRun } from '../../src/index.js';
import { latestCheckpoint, type RunTracker, saveWeights, writeFileAtomic } from '../../src/node/index.js';
import { enlarge, filterPictures, sheet, toPng } from '../pictures.js';
import { CHECKPOINTS } from '../runs/runFolder.js';
import { accuracyChart, confusionChart, lossChart } from './charts.js';
import type { Data } from './data.js';
import { type Mistakes, mistakeSheet } from './mistakes.js';

/** The bytes to resume from; undefined where the run was stopped before the first were saved. */
export async function savedRun(
  out: string,
  model: Module,
  print: (line: string) => void,
): Promise<Uint8Array | undefined> {
  const latest = await latestCheckpoint(join(out, CHECKPOINTS), { model });
  for (const { path, reason } of latest?.passedOver ?? []) print(`passed over ${path}: ${reason}`);
  print(latest === null ? 'nothing was saved yet: from the beginning' : `from step ${latest.step} (${latest.path})`);
  return latest?.bytes;
}

/** Saves history and weights after each epoch, and when training ends, for whatever reason. */
export function saving(out: string): Callback {
  const save = async ({ model, history }: TrainingRun): Promise<void> => {
    await writeJson(join(out, 'history.json'), history);
    await saveWeights(join(out, 'weights.safetensors'), model);
  };
  return { onEpochEnd: save, onTrainEnd: save };
}

/** Draws the curves and the first layer's filters. */
export async function drawTraining(
  out: string,
  model: Module,
  history: History,
  stepsPerEpoch: number,
  tracker: RunTracker,
): Promise<void> {
  await writeFileAtomic(join(out, 'loss.svg'), await lossChart(history, stepsPerEpoch));
  await writeFileAtomic(join(out, 'accuracy.svg'), await accuracyChart(history));
  const filters = firstFilters(model);
  if (filters !== undefined) {
    const pictures = filterPictures(filters).map((picture) => enlarge(picture, 16));
    const png = toPng(sheet(pictures, 8));
    await writeFileAtomic(join(out, 'filters.png'), png);
    await tracker.picture('filters', png);
  }
}

/** Draws what the test set showed: the confusion matrix and the worst mistakes. */
export async function drawTest(out: string, test: Evaluation, mistakes: Mistakes, data: Data['test']): Promise<void> {
  const { loss, accuracy, top5, count, confusion } = test;
  await writeJson(join(out, 'test.json'), { count, loss, accuracy, top5, confusion: confusion.toArray() });
  await writeFileAtomic(join(out, 'confusion.svg'), await confusionChart(confusion, data.classes));
  await writeFileAtomic(join(out, 'mistakes.svg'), mistakeSheet(mistakes.worst(40), data));
}

/** The weights [O, C, R, S] of the first convolution. */
export function firstFilters(model: Module): Parameter | undefined {
  for (const parameter of model.parameters()) if (parameter.shape.length === 4) return parameter;
  return undefined;
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
