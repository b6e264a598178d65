import { unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError, StridenetError } from '../base/errors.js';
import { list, nullable, numberField, object, text, whole } from '../base/fields.js';
import type { Module } from '../layers/module.js';
import type { Callback } from '../train/callbacks.js';
import { inspectCheckpoint } from '../train/checkpoint.js';
import { checkMonitor, isBetter, isOfValidation, type Monitor, watched } from '../train/monitor.js';
import type { TrainingRun } from '../train/run.js';
import { checkpointPath, listCheckpoints, prepareFolder, setAside } from './checkpointFolder.js';
import { messageOf, readBytes, writeFileAtomic } from './files.js';
import { type FolderLock, lockFolder } from './lockFolder.js';

/** Options of `checkpoints`. */
export interface CheckpointsOptions {
  /** When to save, besides the end of training: whichever of these comes first. Default: after each epoch. */
  every?: { epochs?: number | undefined; steps?: number | undefined; minutes?: number | undefined } | undefined;
  /** How many of the newest stay. Default: 3. */
  keepLast?: number | undefined;
  /** Epochs that stay besides: the `count` (default 1) best by `monitor` (default 'validationLoss'). Each is saved as it ends. */
  best?: { monitor?: Monitor | undefined; count?: number | undefined } | undefined;
  /** Told what training goes on in spite of. Default: `console.warn`. */
  warn?: ((message: string) => void) | undefined;
}

/** The callback of `checkpoints`, which can be asked for the newest file. */
export interface Checkpoints extends Callback {
  /** The file to resume from; null while there is none. */
  readonly newest: string | null;
}

/**
 * Saves a training run in a folder, so that it goes on with the same bytes after a crash: `latestCheckpoint` finds the file for
 * `fit`'s `resume`. Each file, `step-<number>.safetensors`, is there in full or not at all, and holds a checksum of itself.
 *
 * Saves when `every` tells, at the end of training, and when another callback throws; other callbacks have had the event
 * by then. Nothing is saved once a weight is NaN or infinite, so the last good checkpoint stays. When a save fails, on a full disk
 * say, it warns and training goes on; older files are unharmed. Each file is read back before it gets its name and older ones are deleted.
 * The folder is locked while training runs, so that no other process uses it: see `lockFolder`. Leftovers of interrupted saves are removed at the start, and
 * checkpoints ahead of where the run begins, which belong to an earlier one, are renamed to `*.old`.
 *
 * Put it before `bestWeights`, which exchanges the weights when training ends.
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `DataError` when the folder cannot be made, or is in use.
 *
 * @example
 * const latest = await latestCheckpoint('runs/first', { model });
 * await fit(model, { train, optimizer, epochs, callbacks: [checkpoints('runs/first')], resume: latest?.bytes });
 */
export function checkpoints(folder: string, options: CheckpointsOptions = {}): Checkpoints {
  const { keepLast, every, best, warn } = readOptions(options);
  let newest: string | null = null;
  /** Where the run stood, and when, as it was last saved or could not be. */
  let place = '';
  let savedAt = 0;
  let lock: FolderLock | null = null;
  /** The ends of the best epochs that were saved, the best first. */
  let ranking: Ranked[] = [];
  /** What a checkpoint told of it: a long history no longer has every epoch. */
  let loaded: Ranking | null = null;

  async function save(run: TrainingRun): Promise<void> {
    place = placeOf(run);
    savedAt = performance.now();
    const bad = firstBadTensor(run.model);
    if (bad !== null) {
      return warn(
        `checkpoints: step ${run.step} is not saved, because ${bad} holds NaN or infinity. ${describe(newest)}`,
      );
    }
    const path = checkpointPath(folder, run.step);
    try {
      if (!(await lock?.isHeld())) throw new DataError(`another process has taken the folder ${folder} over.`);
      const bytes = run.checkpoint();
      await writeFileAtomic(path, bytes, (written) => readBack(written, bytes));
    } catch (error) {
      if (!(error instanceof StridenetError)) throw error;
      ranking = ranking.filter(({ step }) => step !== run.step);
      return warn(
        `checkpoints: step ${run.step} could not be saved: ${messageOf(error)} Training goes on. ${describe(newest)}`,
      );
    }
    newest = path;
    await prune().catch((error) => warn(`checkpoints: older files could not be deleted: ${messageOf(error)}`));
  }

  /** Deletes what is neither among the last nor among the best. */
  async function prune(): Promise<void> {
    const kept = new Set(ranking.map(({ step }) => step));
    for (const { path, step } of (await listCheckpoints(folder)).slice(keepLast))
      if (!kept.has(step)) await unlink(path);
  }

  /** Puts the epoch that has just ended into the ranking if it is one of the best. */
  function rank({ history, step }: TrainingRun): boolean {
    const record = history.epochs.at(-1);
    if (best === null || record === undefined || record.step !== step) return false;
    const value = watched(record, best.monitor);
    if (value === undefined) return false;
    const at = ranking.findIndex((other) => isBetter(best.monitor, value, other.value));
    const place = at < 0 ? ranking.length : at;
    if (place >= best.count) return false;
    ranking.splice(place, 0, { step, value });
    ranking.length = Math.min(ranking.length, best.count);
    return true;
  }

  /** The ranking of what a run has behind it and is still in the folder. */
  async function rankSaved({ history }: TrainingRun): Promise<Ranked[]> {
    if (best === null) return [];
    const saved = new Set((await listCheckpoints(folder)).map(({ step }) => step));
    if (loaded?.monitor === best.monitor)
      return loaded.ranking.filter(({ step }) => saved.has(step)).slice(0, best.count);
    const ranked: Ranked[] = [];
    for (const record of history.epochs) {
      const value = watched(record, best.monitor);
      if (value === undefined || !saved.has(record.step)) continue;
      const at = ranked.findIndex((other) => isBetter(best.monitor, value, other.value));
      ranked.splice(at < 0 ? ranked.length : at, 0, { step: record.step, value });
    }
    return ranked.slice(0, best.count);
  }

  return {
    onRank0: true,
    get newest() {
      return newest;
    },
    async onTrainStart(run) {
      if (best !== null && isOfValidation(best.monitor) && run.options.validation === undefined) {
        throw new ArgumentError(
          `checkpoints: best needs ${best.monitor}. Pass validation data to fit, or monitor 'loss' or 'accuracy'.`,
        );
      }
      savedAt = performance.now();
      lock = await lockFolder(folder, { purpose: 'checkpoints', who: 'checkpoints' });
      await prepareFolder(folder);
      const ahead = await setAside(folder, run.step);
      newest = (await listCheckpoints(folder)).at(0)?.path ?? null;
      ranking = await rankSaved(run);
      if (ahead.length > 0) {
        const names = ahead.map(({ path }) => basename(path)).join(', ');
        warn(`checkpoints: this run begins at step ${run.step}; ${names} in ${folder} now end in .old.`);
      }
    },
    async onSettled(run, event) {
      if (event !== 'step' && event !== 'epochEnd') return;
      const isBest = event === 'epochEnd' && rank(run);
      const isDue = event === 'step' ? run.step % every.steps === 0 : isBest || run.epoch % every.epochs === 0;
      // What ends here is saved before others change the weights at the end.
      const isEnd = run.ending !== null || (event === 'epochEnd' && run.isDone);
      if (isDue || isEnd || performance.now() - savedAt >= 60_000 * every.minutes) await save(run);
    },
    async onTrainEnd(run) {
      if (place !== placeOf(run)) await save(run);
    },
    async onError(run) {
      if (run.isInStep) warn(`checkpoints: training failed after step ${run.step}. ${describe(newest)}`);
      else if (place !== placeOf(run)) await save(run);
    },
    async onClose() {
      await lock?.release();
      lock = null;
      loaded = null;
    },
    saveState: () => ({ values: best === null ? null : { monitor: best.monitor, ranking } }),
    loadState({ values }) {
      loaded = nullable(rankingFields)(values, 'checkpoints');
    },
  };
}

/** The end of an epoch, and what it came to. */
interface Ranked {
  step: number;
  value: number;
}

interface Ranking {
  monitor: string;
  ranking: Ranked[];
}

const rankingFields = object<Ranking>({
  monitor: text,
  ranking: list(object<Ranked>({ step: whole, value: numberField })),
});

/** What was written must be what is read: only then may older files go. */
async function readBack(path: string, bytes: Uint8Array): Promise<void> {
  const written = await readBytes(path);
  if (written.length !== bytes.length || !written.every((byte, i) => byte === bytes[i])) {
    throw new DataError('what was written reads as something else.');
  }
  inspectCheckpoint(written);
}

interface Checked {
  every: { epochs: number; steps: number; minutes: number };
  keepLast: number;
  best: { monitor: Monitor; count: number } | null;
  warn: (message: string) => void;
}

/** Infinity stands for never, and for all. */
function readOptions(options: CheckpointsOptions): Checked {
  checkOptions('checkpoints', options, ['every', 'keepLast', 'best', 'warn']);
  const { every = { epochs: 1 }, keepLast = 3, best, warn = (message) => console.warn(message) } = options;
  checkOptions('checkpoints: every', every, ['epochs', 'steps', 'minutes']);
  checkOptions('checkpoints: best', best ?? {}, ['monitor', 'count']);
  const { epochs = Infinity, steps = Infinity, minutes = Infinity } = every;
  const { monitor = 'validationLoss', count = 1 } = best ?? {};
  checkMonitor('checkpoints: best', monitor);
  for (const [name, value] of Object.entries({
    'every.epochs': epochs,
    'every.steps': steps,
    keepLast,
    'best.count': count,
  })) {
    if ((Number.isInteger(value) && value >= 1) || value === Infinity) continue;
    throw new ArgumentError(`checkpoints: ${name} is ${value}, but must be a whole number >= 1.`);
  }
  if (!(minutes > 0)) throw new ArgumentError(`checkpoints: every.minutes is ${minutes}, but must be > 0.`);
  return { every: { epochs, steps, minutes }, keepLast, best: best === undefined ? null : { monitor, count }, warn };
}

function placeOf({ epoch, batch, step }: TrainingRun): string {
  return `${epoch}/${batch}/${step}`;
}

function describe(newest: string | null): string {
  return newest === null ? 'There is no checkpoint yet.' : `The last good checkpoint is ${newest}.`;
}

function firstBadTensor(model: Module): string | null {
  for (const [name, { data }] of model.stateDict()) if (!data.every(Number.isFinite)) return name;
  return null;
}
