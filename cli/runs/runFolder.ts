import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { kebab, CommandError } from '../flags.js';
import type { Callback, TrainingRun } from '../../src/index.js';
import { lockFolder, writeFileAtomic } from '../../src/node/index.js';

/** Where in a run's folder --resume finds what it needs. */
export const CHECKPOINTS = 'checkpoints';
/** The settings of a run. */
export const CONFIG = 'config.json';
const EARLIER = 'earlier';

/** What trackRun writes. */
const RECORDS = /^(run\.json|steps\.jsonl|epochs\.jsonl|events\.out\.tfevents\..*|pictures)$/;
/** What `npm run train` and the recipes leave besides. */
const RESULTS =
  /^(config\.json|history\.json|test\.json|weights\.safetensors|(loss|accuracy|confusion|mistakes)\.svg|filters\.png|[\w-]+-seed\d+\.(json|csv))$/;
/** A finished run has one of these. */
const MEASURED = /^(test|[\w-]+-seed\d+)\.json$/;

/** A run's folder, which no other process uses until it is closed. */
export interface RunFolder {
  /** The tracker (or any callback), which begins once the folder is ready: that is, when all that is resumed fits. */
  begun(config: object, tracker: Callback): Callback;
  close(): Promise<void>;
}

/**
 * Reserves a run's folder for this process. Nothing in it is changed before training starts. Then a run from the beginning moves what an
 * earlier one left to `earlier/<number>`; one that goes on after it was finished leaves a copy of its results there.
 *
 * Throws `DataError` when another process uses the folder.
 */
export async function openRunFolder(out: string, print: (line: string) => void): Promise<RunFolder> {
  const lock = await lockFolder(out, { purpose: 'program', who: '--out' });

  async function begin(run: TrainingRun, config: object): Promise<void> {
    // Programs of other kinds may track a run or save checkpoints there.
    for (const [folder, purpose] of [
      [out, 'run'],
      [join(out, CHECKPOINTS), 'checkpoints'],
    ]) {
      if (existsSync(folder)) await (await lockFolder(folder, { purpose, who: '--out' })).release();
    }
    if (run.step === 0) {
      const place = await setAside(out, (name) => name === CHECKPOINTS || RECORDS.test(name) || RESULTS.test(name));
      if (place !== null) print(`what an earlier run left in ${out} is now in ${place}`);
    } else if (!run.isDone && (await readdir(out)).some((name) => MEASURED.test(name))) {
      const place = await setAside(out, (name) => RESULTS.test(name), copy);
      print(`the results so far are in ${place} too`);
    }
    await writeFileAtomic(join(out, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
  }

  return {
    begun: (config, tracker) => ({
      ...tracker,
      async onTrainStart(run) {
        await begin(run, config);
        await tracker.onTrainStart?.(run);
      },
    }),
    close: () => lock.release(),
  };
}

/** Moves those of a folder's files that `isWanted` names to the next free `earlier/<number>` there; null when there are none. */
export async function setAside(
  folder: string,
  isWanted: (name: string) => boolean,
  move: (from: string, to: string) => Promise<void> = rename,
): Promise<string | null> {
  const names = (await readdir(folder)).filter(isWanted);
  if (names.length === 0) return null;
  const place = await claimPlace(folder);
  // Checkpoints go first: if the process is killed meanwhile, none are left beside a configuration that isn't theirs.
  names.sort((a, b) => Number(b === CHECKPOINTS) - Number(a === CHECKPOINTS));
  for (const name of names) await move(join(folder, name), join(place, name));
  return place;
}

async function claimPlace(folder: string): Promise<string> {
  await mkdir(join(folder, EARLIER), { recursive: true });
  for (let number = 1; ; number++) {
    const place = join(folder, EARLIER, String(number));
    try {
      await mkdir(place);
      return place;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function copy(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true });
}

/** The settings of the run in a folder, as they stand there. Throws `CommandError` when they cannot be read. */
export function readConfig(out: string): unknown {
  const path = join(out, CONFIG);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`--resume: ${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Throws `CommandError` where a run is to go on with other settings than those that its numbers depend on. */
export function checkSame<S extends object>(
  out: string,
  saved: S,
  wanted: S,
  names: readonly (keyof S & string)[],
): void {
  for (const name of names) {
    if (saved[name] === wanted[name]) continue;
    const flag = `--${kebab(name)}`;
    throw new CommandError(
      `--resume: the run in ${out} has ${flag} ${saved[name]}, not ${wanted[name]}. Leave ${flag} out to go on with it, or start a new run with another --out.`,
    );
  }
}

/** Says in words of the command line that the images are others than those that the run was trained on. */
export function explainData(error: unknown, out: string): unknown {
  if (!(error instanceof Error && /images are not those that the checkpoint was made with/.test(error.message)))
    return error;
  return new CommandError(
    `--resume: the images are not those that the run in ${out} was trained on. Pass --data with the folder that it had, or start a new run with another --out.`,
  );
}
