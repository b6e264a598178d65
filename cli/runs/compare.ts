import { relative } from 'node:path';
import type { RunContent } from '../../src/node/index.js';
import { minutes } from '../minutes.js';

/** A run and what it came to. Numbers that were not measured are undefined. */
export interface ComparedRun extends RunContent {
  name: string;
  model: string;
  /** Largest validation accuracy, and its epoch. */
  best?: { accuracy: number; epoch: number };
  testAccuracy?: number;
  /** Of training and validation. */
  seconds?: number;
  /** Median of the epochs. */
  imagesPerSecond?: number;
}

/** What each column of the comparison is called and holds. */
export const COLUMNS: readonly (readonly [title: string, cell: (run: ComparedRun) => string])[] = [
  ['run', ({ name }) => name],
  ['model', ({ model }) => model],
  ['seed', ({ info }) => info.seed],
  ['epochs', ({ epochs }) => String(epochs.length)],
  ['best accuracy', ({ best }) => (best === undefined ? '-' : `${percent(best.accuracy)} (${best.epoch})`)],
  ['test', ({ testAccuracy }) => (testAccuracy === undefined ? '-' : percent(testAccuracy))],
  ['time', ({ seconds }) => (seconds === undefined ? '-' : minutes(seconds))],
  ['images/s', ({ imagesPerSecond }) => (imagesPerSecond === undefined ? '-' : imagesPerSecond.toFixed(0))],
  ['ended', ({ info }) => info.end ?? 'no'],
];

/** Runs with what they came to, the best first. */
export function compareRuns(runs: readonly RunContent[]): ComparedRun[] {
  const quality = ({ best, testAccuracy }: ComparedRun): number => testAccuracy ?? best?.accuracy ?? -1;
  return runs.map(compared).sort((a, b) => quality(b) - quality(a));
}

/** The comparison as data. What was not measured is left out. */
export function comparisonRows(runs: readonly ComparedRun[]): object[] {
  return runs.map(({ folder, name, model, info, epochs, best, testAccuracy, seconds, imagesPerSecond }) => ({
    folder,
    name,
    model,
    seed: info.seed,
    epochs: epochs.length,
    best,
    testAccuracy,
    seconds,
    imagesPerSecond,
    ended: info.end,
  }));
}

/** The comparison as lines of text: names to the left, numbers to the right. */
export function comparisonText(runs: readonly ComparedRun[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...runs.map((run) => COLUMNS.map(([, cell]) => cell(run)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}

function compared(run: RunContent): ComparedRun {
  const { folder, info, steps, epochs } = run;
  let best: ComparedRun['best'];
  for (const { epoch, validationAccuracy } of epochs) {
    if (typeof validationAccuracy !== 'number' || validationAccuracy <= (best?.accuracy ?? -1)) continue;
    best = { accuracy: validationAccuracy, epoch };
  }
  const { testAccuracy } = info.notes;
  const config = (info.config ?? {}) as Record<string, unknown>;
  return {
    ...run,
    name: relative('runs', folder).startsWith('..') ? folder : relative('runs', folder) || info.name,
    model: typeof config.model === 'string' ? config.model : info.model.name,
    best,
    testAccuracy: typeof testAccuracy === 'number' ? testAccuracy : undefined,
    seconds:
      Math.max(
        steps.at(-1)?.seconds ?? 0,
        epochs.reduce((sum, { seconds }) => sum + seconds, 0),
      ) || undefined,
    imagesPerSecond: median(epochs.flatMap(({ imagesPerSecond }) => imagesPerSecond ?? [])),
  };
}

function median(values: number[]): number | undefined {
  return values.sort((a, b) => a - b).at(Math.floor(values.length / 2));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
