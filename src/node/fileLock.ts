import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { DataError } from '../base/errors.js';
import { isGone, type LockHolder, parseHolder, presentHolder } from './lockHolder.js';

/** A lock file without whole content is being written; after so many seconds, its writer was killed. */
const WRITING = 2;
/** Milliseconds between looks at a lock that another holds. */
const PAUSE_MS = 2;

let holder: LockHolder | undefined;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Runs `work`, which has to be short, while no other process runs one under the same lock file. Waits for others; the lock of a killed process
 * gives way.
 *
 * Throws `DataError` when another holds it for longer than `patience` seconds.
 */
export function withFileLock<T>(path: string, work: () => T, patience = 60): T {
  holder ??= presentHolder();
  const begun = Date.now();
  while (!create(path, holder)) {
    const found = lookAt(path);
    if (found !== null && isStale(found)) {
      if (takeOver(path, found, holder)) break;
    } else if (Date.now() - begun > 1000 * patience) {
      const owner = found?.holder == null ? 'another process' : `process ${found.holder.pid} on ${found.holder.host}`;
      throw new DataError(
        `the lock ${path} has been held by ${owner} for more than ${patience} seconds. If that one no longer works, delete the file.`,
      );
    }
    Atomics.wait(sleeper, 0, 0, PAUSE_MS * (0.5 + Math.random()));
  }
  try {
    return work();
  } finally {
    unlinkSync(path);
  }
}

interface Found {
  holder: LockHolder | null;
  /** Seconds since it was made. */
  silent: number;
}

function create(path: string, holder: LockHolder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function lookAt(path: string): Found | null {
  try {
    return { holder: parseHolder(readFileSync(path, 'utf8')), silent: (Date.now() - statSync(path).mtimeMs) / 1000 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isStale({ holder, silent }: Found): boolean {
  return holder === null ? silent > WRITING : isGone(holder, silent);
}

/** Of several that find the same dead lock, the one that makes a file named after it renames that file to the lock. */
function takeOver(path: string, dead: Found, holder: LockHolder): boolean {
  const claim = `${path}.${dead.holder?.token ?? 'unreadable'}`;
  if (!create(claim, holder)) {
    const claimed = lookAt(claim);
    if (claimed !== null && isStale(claimed)) remove(claim);
    return false;
  }
  const now = lookAt(path);
  if (now === null || !isStale(now) || now.holder?.token !== dead.holder?.token) {
    remove(claim);
    return false;
  }
  renameSync(claim, path);
  return true;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another was faster.
  }
}
