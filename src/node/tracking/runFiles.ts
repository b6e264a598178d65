import { access, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndReason, EpochRecord } from '../../train/history.js';
import { readBytes } from '../files.js';
import type { Environment, SourceVersion } from './environment.js';
import { readJsonLines } from './jsonLines.js';

/** The files of a tracked run. */
export const FILES = {
  run: 'run.json',
  steps: 'steps.jsonl',
  epochs: 'epochs.jsonl',
  // TensorBoard reads what has tfevents in its name.
  events: 'events.out.tfevents.0.stridenet',
  pictures: 'pictures',
} as const;

/** Where a run's files go when another begins in its folder. */
const EARLIER = 'earlier';

/** A program that trained a part of the run, from `step` on. */
export interface RunSession {
  /** ISO 8601. */
  startedAt: string;
  /** Steps of the run before this session. */
  step: number;
  /** The commit of the program; null outside a Git repository. */
  source: SourceVersion | null;
  /** The machine and the versions that it ran on. */
  environment: Environment;
}

/** What `run.json` tells. */
export interface RunInfo {
  /** The name of the run. */
  name: string;
  /** What `trackRun` was given as `config`. */
  config: unknown;
  /** The seed of all random streams. */
  seed: string;
  /** The class of the model and its number of parameters. */
  model: { name: string; parameters: number };
  /** One, and one more for each time it was resumed. */
  sessions: RunSession[];
  /** How it ended; null while it trains, and after it was killed. */
  end: EndReason | 'failed' | null;
  /** The message of the error that ended the run. */
  error?: string | undefined;
  /** What `note` told: test accuracy, say. */
  notes: Record<string, unknown>;
}

/** A line of `steps.jsonl`. What a run had behind it when tracking began has loss and learning rate only. */
export interface TrackedStep {
  /** Counted from 1. */
  step: number;
  /** The epoch that the step belongs to. */
  epoch?: number | undefined;
  /** The training loss of the step's batch. */
  loss: number;
  /** The learning rate of the step. */
  learningRate: number;
  /** The share of the batch that was right. */
  accuracy?: number | undefined;
  /** Images in the batch. */
  size?: number | undefined;
  /** Of training so far, validation included, pauses not. */
  seconds?: number | undefined;
}

/** A line of `epochs.jsonl`. */
export interface TrackedEpoch extends EpochRecord {
  /** Of training, validation left out. */
  imagesPerSecond?: number | undefined;
  /** All that the process has (RSS). */
  memoryMiB?: number | undefined;
}

/** A run as its folder tells it. */
export interface RunContent {
  /** The path of the run's folder. */
  folder: string;
  /** The content of `run.json`. */
  info: RunInfo;
  /** The lines of `steps.jsonl`. */
  steps: TrackedStep[];
  /** The lines of `epochs.jsonl`. */
  epochs: TrackedEpoch[];
}

/**
 * Reads what `trackRun` wrote, also while the run trains or after it was killed.
 *
 * Throws `DataError` when there is no run.
 *
 * @example
 * const { info, epochs } = await readRun('runs/first');
 */
export async function readRun(folder: string): Promise<RunContent> {
  const info = await readInfo(folder);
  const steps = readJsonLines<TrackedStep>(await readBytes(join(folder, FILES.steps)));
  const epochs = readJsonLines<TrackedEpoch>(await readBytes(join(folder, FILES.epochs)));
  return { folder, info, steps, epochs };
}

export async function readInfo(folder: string): Promise<RunInfo> {
  return JSON.parse(new TextDecoder().decode(await readBytes(join(folder, FILES.run)))) as RunInfo;
}

/** The folders in and under `folder` that hold a tracked run, by name. */
export async function listRuns(folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === FILES.run)) found.push(folder);
  for (const entry of entries) {
    if (entry.isDirectory() && entry.name !== FILES.pictures) found.push(...(await listRuns(join(folder, entry.name))));
  }
  return found.sort();
}

/** Makes room for a run that begins: one that stands in the folder moves to `earlier/<number>` there. */
export async function moveEarlierRun(folder: string): Promise<void> {
  const there: string[] = [];
  // run.json goes last: if the process is killed meanwhile, the next one moves the rest.
  for (const name of Object.values(FILES).reverse()) if (await exists(join(folder, name))) there.push(name);
  if (there.length === 0) return;
  let number = 1;
  while (await exists(join(folder, EARLIER, String(number)))) number++;
  const place = join(folder, EARLIER, String(number));
  await mkdir(place, { recursive: true });
  for (const name of there) await rename(join(folder, name), join(place, name));
}

/** Deletes the pictures of steps after `step`. */
export async function dropPicturesAfter(folder: string, step: number): Promise<void> {
  for (const name of await readdir(join(folder, FILES.pictures)).catch(() => [])) {
    const match = /-(\d+)\.png$/.exec(name);
    if (match !== null && Number(match[1]) > step) await unlink(join(folder, FILES.pictures, name));
  }
}

/** `confusion` at step 80: `confusion-0000080.png`. Characters that file names may not have become hyphens. */
export function pictureName(name: string, step: number): string {
  return `${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}-${String(step).padStart(7, '0')}.png`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
