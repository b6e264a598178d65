import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Callback, TrainingRun } from '../../../src/index.js';
import { writeFileAtomic } from '../../../src/node/index.js';
import { UsageError } from '../flags.js';

const FILE = 'checkpoint.safetensors';

/** Saves what `--resume` needs, every few minutes and when training ends; a kill loses what came after the last time. */
export function savingEvery(minutes: number, out: string): Callback {
  let last = performance.now();
  const save = async (run: TrainingRun): Promise<void> => {
    await writeFileAtomic(join(out, FILE), run.checkpoint());
    last = performance.now();
  };
  return {
    onStep: (run) => (performance.now() - last > 60_000 * minutes ? save(run) : undefined),
    onTrainEnd: save,
  };
}

/** What `savingEvery` left in a folder. Throws `UsageError` when there is nothing. */
export function savedRun(out: string): Uint8Array {
  const path = join(out, FILE);
  if (!existsSync(path)) {
    throw new UsageError(`--resume: there is no checkpoint in ${out}. Leave --resume out to start anew.`);
  }
  return readFileSync(path);
}
