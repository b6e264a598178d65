import { DataError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import type { Callback } from '../../train/callbacks.js';
import type { TrainClassifierOptions } from './options.js';

/** What a run must share with the one that it continues, besides the photographs. */
const SAME = [
  'backbone',
  'architecture',
  'fineTune',
  'epochs',
  'learningRate',
  'batchSize',
  'perClass',
  'labels',
  'kind',
  'positive',
  'seed',
] as const;

/** What `fit` needs to keep its state in a folder and to go on from it. */
export interface Resumable {
  /** The checkpoint to go on from. */
  readonly resume: Uint8Array | undefined;
  readonly callbacks: readonly Callback[];
}

/**
 * Keeps the state of a training in the folder of `checkpoints`, if there is one, and with `resume` finds where an earlier one was stopped. A run
 * that continues ends with the bytes of one that was never stopped.
 *
 * Throws `DataError` when the earlier run had other options.
 */
export async function resumable(model: Module, options: TrainClassifierOptions): Promise<Resumable> {
  const { checkpoints: folder, resume = false, onNote = () => undefined } = options;
  if (folder === undefined) return { resume: undefined, callbacks: [] };
  const { checkpoints, latestCheckpoint, readBytes, writeFileAtomic } = await import('../../node/index.js');
  const file = `${folder}/options.json`;
  const own = JSON.stringify(Object.fromEntries(SAME.map((name) => [name, options[name] ?? null])), null, 2);
  const latest = resume ? await latestCheckpoint(folder, { model }) : null;
  for (const { path, reason } of latest?.passedOver ?? []) onNote(`passed over ${path}: ${reason}`);
  if (latest !== null) {
    const saved = await readBytes(file).catch(() => null);
    checkSame(folder, saved && JSON.parse(new TextDecoder().decode(saved)), JSON.parse(own));
    onNote(`training goes on from step ${latest.step} (${latest.path})`);
  }
  const noted: Callback = {
    onTrainStart: ({ step }) => (step === 0 ? writeFileAtomic(file, `${own}\n`) : undefined),
  };
  const kept = checkpoints(folder, { every: { epochs: 1, minutes: 1 }, keepLast: 1, warn: onNote });
  return { resume: latest?.bytes, callbacks: [kept, noted] };
}

function checkSame(folder: string, saved: Record<string, unknown> | null, own: Record<string, unknown>): void {
  for (const name of SAME) {
    if (saved === null || saved[name] === own[name]) continue;
    const shown = (value: unknown): string => (value === null ? 'its default' : JSON.stringify(value));
    throw new DataError(
      `trainClassifier: ${folder} keeps a run with ${name} ${shown(saved[name])}, but this one has ${shown(own[name])}. Use the same options, or train anew without resume.`,
    );
  }
}
