import { unlinkSync } from 'node:fs';
import { mkdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { messageOf } from './files.js';
import { isGone, type LockHolder, parseHolder, presentHolder, SILENT_ELSEWHERE } from './lockHolder.js';

/** Seconds between two signs of life. */
const HEARTBEAT = 10;
/** A lock file without whole content is being written; after so many seconds, its writer was killed. */
const WRITING = 10;
/** Others may take or release the lock meanwhile; each time it is looked at again. */
const TRIES = 20;
/** Milliseconds between two looks at another's claim. If its writer was killed in the middle, all tries together outlast `WRITING`. */
const CLAIMING = (1000 * WRITING) / (TRIES - 2);

/** Options of `lockFolder`. */
export interface LockFolderOptions {
  /** Several programs may use a folder for different purposes; each purpose has a lock of its own, `.<purpose>.lock`. Default 'folder'. */
  purpose?: string | undefined;
  /** Who asks, for the error. Default 'lockFolder'. */
  who?: string | undefined;
}

/** A folder that is reserved for this process, until `release` or its end. */
export interface FolderLock {
  /** The lock file. */
  readonly path: string;
  /** Whether it still is: not when the file was deleted, or when this process was silent for so long that another took it for dead. */
  isHeld(): Promise<boolean>;
  /** Lets others have it. A second call does nothing. */
  release(): Promise<void>;
}

/** The lock files of this process, for its exit. */
const held = new Map<string, LockHolder>();
let isWatchingExit = false;

/**
 * Reserves a folder for this process, so that no other writes, renames or deletes in it at the same time. Missing folders are made.
 *
 * The lock is a file with the process number, the machine and the time, touched every 10 seconds. It is removed by `release` and at exit. One
 * whose process was killed is taken over: at once on the same machine, after two minutes of silence from another machine.
 *
 * Throws `DataError` with process and time when another holds the folder, or this process does already, and when it cannot be written.
 *
 * @example
 * const lock = await lockFolder('runs/first');
 * try { await work(); } finally { await lock.release(); }
 */
export async function lockFolder(folder: string, options: LockFolderOptions = {}): Promise<FolderLock> {
  checkOptions('lockFolder', options, ['purpose', 'who']);
  const { purpose = 'folder', who = 'lockFolder' } = options;
  if (!/^[a-z][a-z0-9-]*$/i.test(purpose)) {
    throw new ArgumentError(`lockFolder: purpose is '${purpose}', but must be letters, digits and hyphens.`);
  }
  const path = join(resolve(folder), `.${purpose}.lock`);
  const holder = presentHolder();
  try {
    await mkdir(folder, { recursive: true });
    const other = await acquire(path, holder);
    if (other !== null) throw new DataError(refusal(who, folder, path, other));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${who}: the folder ${folder} cannot be locked: ${messageOf(cause)}`, { cause });
  }
  return keepLock(path, holder);
}

/** Touches the file until it is released or lost. */
function keepLock(path: string, holder: LockHolder): FolderLock {
  releaseAtExit();
  held.set(path, holder);
  const isHeld = async (): Promise<boolean> =>
    held.get(path) === holder && (await lookAt(path))?.holder?.token === holder.token;
  const heartbeat = setInterval(() => {
    const now = new Date();
    void isHeld()
      .then((mine) => (mine ? utimes(path, now, now) : clearInterval(heartbeat)))
      .catch(() => undefined);
  }, 1000 * HEARTBEAT);
  heartbeat.unref();
  return {
    path,
    isHeld,
    async release() {
      clearInterval(heartbeat);
      const mine = await isHeld();
      if (held.get(path) === holder) held.delete(path);
      if (mine) await unlink(path).catch(() => undefined);
    },
  };
}

/** Makes the lock file, in place of one whose holder is gone. Gives what stands in the way; null when the lock is ours. */
async function acquire(path: string, holder: LockHolder): Promise<Found | null> {
  let found: Found | null = null;
  for (let i = 0; i < TRIES; i++) {
    if (await create(path, holder)) return null;
    found = await lookAt(path);
    if (found === null) continue;
    if (!isStale(found)) return found;
    if (await takeOver(path, found, holder)) return null;
  }
  return found;
}

/**
 * Of several that find the same dead lock only one may replace it: who makes a file named after it. That file, which holds the new lock, then
 * takes the lock's name.
 */
async function takeOver(path: string, dead: Found, holder: LockHolder): Promise<boolean> {
  const claim = `${path}.${dead.holder?.token ?? 'unreadable'}`;
  if (!(await create(claim, holder))) {
    const claimed = await lookAt(claim);
    if (claimed !== null && isStale(claimed)) await unlink(claim).catch(() => undefined);
    else if (claimed !== null) await new Promise((resolve) => setTimeout(resolve, CLAIMING));
    return false;
  }
  const now = await lookAt(path);
  // Another has replaced it before our claim was made.
  if (now === null || !isStale(now) || now.holder?.token !== dead.holder?.token) {
    await unlink(claim).catch(() => undefined);
    return false;
  }
  await rename(claim, path);
  return true;
}

async function create(path: string, holder: LockHolder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // On a full disk it is there, but empty.
    await unlink(path).catch(() => undefined);
    throw error;
  }
}

/** A lock file as it was found. */
interface Found {
  holder: LockHolder | null;
  /** Seconds since it was touched. */
  silent: number;
}

async function lookAt(path: string): Promise<Found | null> {
  try {
    const [text, { mtimeMs }] = [await readFile(path, 'utf8'), await stat(path)];
    return { holder: parseHolder(text), silent: (Date.now() - mtimeMs) / 1000 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isStale({ holder, silent }: Found): boolean {
  return holder === null ? silent > WRITING : isGone(holder, silent);
}

function refusal(who: string, folder: string, path: string, { holder }: Found): string {
  if (holder === null) return `${who}: another process is about to use the folder ${folder}. Choose another folder.`;
  const { pid, host, since } = holder;
  const owner = held.get(path)?.token === holder.token ? `this process (${pid}) already` : `process ${pid} on ${host}`;
  return `${who}: the folder ${folder} has been in use by ${owner} since ${since}. Wait for it to end, or choose another folder. A lock whose process was killed gives way by itself, from another machine after ${SILENT_ELSEWHERE} seconds; the lock is ${path}.`;
}

function releaseAtExit(): void {
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.once('exit', () => {
    for (const path of held.keys()) {
      try {
        unlinkSync(path);
      } catch {
        // It goes stale instead.
      }
    }
  });
}
