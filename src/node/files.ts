import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DataError, FormatError } from '../base/errors.js';

/**
 * Writes a file so that it is there in full or not at all: into a file beside it, flushed to the disk, which then takes its
 * name; the folder is flushed too where the system can. A file that stood there before survives a full disk, a crash and an
 * interruption. Missing folders are made. Content in pieces need not fit into memory at once. `check` may read what was written before it
 * takes the name; when it throws, nothing has changed.
 *
 * Throws `DataError` with the path and the cause.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | Iterable<Uint8Array>,
  check?: (written: string) => Promise<void>,
): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await refuseSpecialFiles(path);
    const file = await open(beside, 'wx');
    try {
      const whole = typeof content === 'string' || content instanceof Uint8Array;
      // Each goes where the one before it ended.
      for (const piece of whole ? [content] : content) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await check?.(beside);
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await unlink(beside).catch(() => undefined);
    throw new DataError(`writing ${path} failed: ${messageOf(cause)} What stood there before is unharmed.`, { cause });
  }
}

/** The name of the file that an interrupted `writeFileAtomic` was to make, by that of what it left; null for other files. */
export function leftoverOf(file: string): string | null {
  return /^\.(.+)\.[0-9a-f]{12}\.part$/.exec(file)?.[1] ?? null;
}

/** A new name is on the disk once its folder is. Windows and some network disks cannot be asked; the file is whole there too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Renaming over a device or a pipe would replace it. */
async function refuseSpecialFiles(path: string): Promise<void> {
  const existing = await lstat(path).catch(() => null);
  if (existing !== null && !existing.isFile() && !existing.isSymbolicLink()) throw new Error('it is no regular file.');
}

/** All bytes of a file. Throws `DataError` with the path and the cause. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw new DataError(`reading ${path} failed: ${messageOf(cause)}`, { cause });
  }
}

/** Runs `read`, the reader of a file; a complaint about its content gets the file's name. */
export async function naming<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof FormatError) throw new FormatError(`${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** What went wrong, as the end of a sentence; network errors hide theirs in a cause. */
export function messageOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = inner instanceof Error ? inner.message || inner.name : String(inner);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
