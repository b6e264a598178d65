import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type History, kernelInfo, type Module } from '../../src/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import type { Recipe, RecipePlan } from '../../src/recipes/index.js';
import { setAside } from '../runs/runFolder.js';
import type { RecipeSettings } from './settings.js';

/** What one run of a recipe came to: docs/results/<recipe>-seed<seed>.json. Accuracies are 0 to 1. */
export interface RecipeResult {
  recipe: string;
  title: string;
  seed: number;
  note: string;
  goal: Recipe['goal'];
  /** On the whole test set; `withViews` with test-time augmentation. */
  test: { images: number; loss: number; accuracy: number; withViews?: number };
  /** From the command to the printed accuracy, and what all threads computed in it. */
  seconds: number;
  cpuSeconds: number;
  resumed: number;
  config: Record<string, unknown>;
  machine: Record<string, unknown>;
}

/**
 * Writes a run's result, and its curve as CSV with one line per epoch. Files of an earlier run with the same seed are moved to
 * `earlier/<number>` in the folder.
 */
export async function writeResult(folder: string, result: RecipeResult, history: History): Promise<void> {
  const name = `${result.recipe}-seed${result.seed}`;
  const path = join(folder, name);
  await mkdir(folder, { recursive: true });
  await setAside(folder, (file) => file === `${name}.json` || file === `${name}.csv`);
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(result, null, 2)}\n`);
  await writeFileAtomic(`${path}.csv`, curve(history));
}

function curve(history: History): string {
  const rows = history.epochs.map((e) =>
    [
      e.epoch,
      e.step,
      e.learningRate.toPrecision(6),
      e.loss.toFixed(4),
      e.accuracy.toFixed(4),
      e.validationLoss?.toFixed(4) ?? '',
      e.validationAccuracy?.toFixed(4) ?? '',
      e.seconds.toFixed(1),
    ].join(','),
  );
  const names = 'epoch,step,learningRate,trainLoss,trainAccuracy,testLoss,testAccuracy,seconds';
  return `${[names, ...rows].join('\n')}\n`;
}

/** Everything that decided the run. */
export function describeRun(
  recipe: Recipe,
  plan: RecipePlan,
  model: Module,
  { epochs, limit }: RecipeSettings,
): Record<string, unknown> {
  const { optimizer, learningRate, groups } = plan.options.optimizer.stateDict();
  return {
    source: recipe.source,
    model: recipe.model,
    ...recipe.modelOptions,
    parameters: [...model.parameters()].reduce((sum, p) => sum + p.size, 0),
    images: plan.options.train.dataset.length,
    ...(limit > 0 && { limit }),
    epochs,
    batchSize: recipe.batchSize,
    microBatchSize: recipe.microBatchSize ?? recipe.batchSize,
    labelSmoothing: recipe.labelSmoothing ?? 0,
    transform: recipe.transform().spec ?? 'a function',
    ...(recipe.imageSizes && { imageSizes: recipe.imageSizes(epochs) }),
    optimizer,
    learningRate,
    groups,
  };
}

/** What the run ran on; the load average counts the run's own threads. */
export function describeMachine(): Record<string, unknown> {
  const { table, threads, relaxedSimd } = kernelInfo();
  return {
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    kernels: table,
    threads,
    relaxedSimd,
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
    commit: commit(),
  };
}

/** The commit of the source, with a + behind it when files were changed since; null outside a repository. */
function commit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') && '+');
  } catch {
    return null;
  }
}
