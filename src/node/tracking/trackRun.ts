import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, DataError } from '../../base/errors.js';
import type { Callback } from '../../train/callbacks.js';
import type { TrainingRun } from '../../train/run.js';
import { messageOf, writeFileAtomic } from '../files.js';
import { type FolderLock, lockFolder } from '../lockFolder.js';
import { readEnvironment, readSourceVersion } from './environment.js';
import { dropPicturesAfter, FILES, moveEarlierRun, pictureName, type RunInfo, readInfo, readRun } from './runFiles.js';
import { RunLogs } from './runLogs.js';
import { isPng } from './tensorboard.js';

/** Options of `trackRun`. */
export interface TrackRunOptions {
  /** What the run was told, fit for JSON: the settings of the program. */
  config?: unknown | undefined;
  /** Default: the folder's name. */
  name?: string | undefined;
  /** The folder whose git commit is noted. Default: the one the program was started in. */
  source?: string | undefined;
  /** Told what training goes on in spite of. Default: `console.warn`. */
  warn?: ((message: string) => void) | undefined;
}

/** The callback of `trackRun`, which takes more to keep from when training starts, also after it has ended. */
export interface RunTracker extends Callback {
  /** Numbers of the present step, by name. */
  scalars(values: Readonly<Record<string, number>>): Promise<void>;
  /** Keeps the bytes of a PNG file, as of the present step. */
  picture(name: string, png: Uint8Array): Promise<void>;
  /** Adds to what the run tells of itself: `{ testAccuracy: 0.93 }`. */
  note(values: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * Keeps a run in a folder, for later and for comparison: `run.json` (configuration, seed, git commit, machine, kernels, how it ended),
 * `steps.jsonl` and `epochs.jsonl` (a line for each), `pictures/`, and an event file for TensorBoard (`tensorboard --logdir runs`).
 *
 * Each record is appended at once, so a killed run leaves readable files. A resumed run goes on in them: what lies after the step that it
 * resumes from is removed and comes anew. A run that starts from the beginning moves an earlier one in its folder to `earlier/<number>`.
 * When a write fails, on a full disk say, it warns once and training goes on.
 *
 * The folder is locked while training runs, so that no other process uses it.
 *
 * Throws `ArgumentError` for unknown options, `DataError` when the folder cannot be made, or is in use.
 *
 * @example
 * const tracker = trackRun('runs/first', { config: { learningRate: 0.05 } });
 * await fit(model, { train, validation, optimizer, epochs: 10, callbacks: [tracker] });
 * await tracker.note({ testAccuracy: (await evaluate(model, test)).accuracy });
 */
export function trackRun(folder: string, options: TrackRunOptions = {}): RunTracker {
  checkOptions('trackRun', options, ['config', 'name', 'source', 'warn']);
  const { config = null, name = basename(resolve(folder)), source = '.', warn = console.warn } = options;
  let started: { run: TrainingRun; info: RunInfo; logs: RunLogs | null } | null = null;
  let warned = false;
  let lock: FolderLock | null = null;

  const present = (who: string): NonNullable<typeof started> => {
    if (started === null) throw new ArgumentError(`${who}: training has not started, so there is no run to add to.`);
    return started;
  };
  /** Training goes on without what cannot be written. */
  async function attempt(write: () => void | Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!warned) warn(`trackRun: ${folder} misses something: ${messageOf(error)} Training goes on.`);
      warned = true;
    }
  }
  /** Once training has ended, the folder may have become another run's. */
  async function reserved(work: () => Promise<void>): Promise<void> {
    if (lock !== null) return work();
    const own = await lockFolder(folder, { purpose: 'run', who: 'trackRun' });
    try {
      const there = await readInfo(folder);
      const [session, other] = [started?.info, there].map((info) => info?.sessions.at(-1)?.startedAt);
      if (session !== other) throw new DataError('another run has begun there.');
      await work();
    } finally {
      await own.release();
    }
  }
  const saveInfo = ({ info }: NonNullable<typeof started>): Promise<void> =>
    writeFileAtomic(join(folder, FILES.run), `${JSON.stringify(info, null, 2)}\n`);

  /** The files are closed once training has ended, and opened for what comes later. */
  async function write(add: (logs: RunLogs) => void | Promise<void>): Promise<void> {
    const { run, logs } = present('trackRun');
    await attempt(() =>
      reserved(async () => {
        const open = logs ?? new RunLogs(folder, run);
        try {
          await add(open);
        } finally {
          if (logs === null) open.close();
        }
      }),
    );
  }

  async function end(how: RunInfo['end'], error?: unknown): Promise<void> {
    if (started === null) return;
    const now = started;
    now.info.end = how;
    if (error !== undefined) now.info.error = messageOf(error);
    await write((logs) => logs.sync());
    now.logs?.close();
    now.logs = null;
    await attempt(() => saveInfo(now));
  }

  return {
    onRank0: true,
    async onTrainStart(run) {
      started?.logs?.close();
      started = null;
      warned = false;
      lock = await lockFolder(folder, { purpose: 'run', who: 'trackRun' });
      const session = {
        startedAt: new Date().toISOString(),
        step: run.step,
        source: await readSourceVersion(source),
        environment: readEnvironment(),
      };
      const earlier = run.step === 0 ? undefined : await readRun(folder).catch(() => undefined);
      if (earlier === undefined) await moveEarlierRun(folder);
      const info: RunInfo = {
        name,
        config,
        seed: run.epochRandom.seed,
        model: describeModel(run),
        sessions: [...(earlier?.info.sessions ?? []).filter(({ step }) => step <= run.step), session],
        end: null,
        notes: earlier?.info.notes ?? {},
      };
      try {
        await mkdir(join(folder, FILES.pictures), { recursive: true });
        await dropPicturesAfter(folder, run.step);
        started = { run, info, logs: new RunLogs(folder, run) };
      } catch (cause) {
        throw new DataError(`trackRun: ${folder} cannot be used: ${messageOf(cause)}`, { cause });
      }
      await saveInfo(started);
    },
    onStep: (run, record) => write((logs) => logs.addStep(run, record)),
    onEpochEnd: (_run, record) => write((logs) => logs.addEpoch(record)),
    onTrainEnd: (_run, reason) => end(reason),
    onError: (_run, error) => end('failed', error),
    async onClose() {
      started?.logs?.close();
      if (started !== null) started.logs = null;
      await lock?.release();
      lock = null;
    },
    async scalars(values) {
      const { run } = present('scalars');
      await write((logs) => logs.addScalars(run.step, values));
    },
    async picture(name, png) {
      if (!isPng(png)) throw new ArgumentError(`picture: the ${png.length} bytes of '${name}' are no PNG file.`);
      const { run } = present('picture');
      await write(async (logs) => {
        await writeFileAtomic(join(folder, FILES.pictures, pictureName(name, run.step)), png);
        logs.addPicture(run.step, name, png);
      });
    },
    async note(values) {
      const now = present('note');
      Object.assign(now.info.notes, values);
      await attempt(() => reserved(() => saveInfo(now)));
    },
  };
}

function describeModel({ model }: TrainingRun): RunInfo['model'] {
  let parameters = 0;
  for (const { size } of model.parameters()) parameters += size;
  return { name: model.constructor.name, parameters };
}
