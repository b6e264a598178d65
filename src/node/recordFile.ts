import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { DataError } from '../base/errors.js';
import { messageOf, readBytes, writeFileAtomic } from './files.js';
import { type FolderLock, lockFolder } from './lockFolder.js';

/** Options of `openRecordFile`. */
export interface OpenRecordFileOptions {
  /** Leaves the file to others to write: there is no lock, and writing throws. Default false. */
  readOnly?: boolean | undefined;
  /** Who asks, for errors. Default 'openRecordFile'. */
  who?: string | undefined;
}

/** A file that grows at its end. `stridenet/search` keeps an index in one. */
export interface OpenRecordFile {
  /** Its path. */
  readonly name: string;
  /** All bytes; none where there is no file yet. */
  read(): Promise<Uint8Array>;
  /** Adds bytes at the end, and waits until they are on the disk. */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts off what follows the first `length` bytes. */
  truncate(length: number): Promise<void>;
  /** Puts a new file in the place of the old one: a crash leaves one or the other. */
  replace(pieces: Iterable<Uint8Array>): Promise<void>;
  /** Lets other processes write. */
  close(): Promise<void>;
}

/**
 * Opens a file that one process at a time adds records to. Missing folders are made.
 *
 * Throws `DataError` when another process writes it, and when it can't be read or written.
 */
export async function openRecordFile(path: string, options: OpenRecordFileOptions = {}): Promise<OpenRecordFile> {
  checkOptions('openRecordFile', options, ['readOnly', 'who']);
  const { readOnly = false, who = 'openRecordFile' } = options;
  const lock: FolderLock | null = readOnly ? null : await lockFolder(dirname(path), { purpose: purposeOf(path), who });
  let file: FileHandle | null = null;
  const writing = async (what: string, work: (file: FileHandle) => Promise<void>): Promise<void> => {
    if (lock === null) throw new DataError(`${who}: ${path} was opened for reading, and can't be written.`);
    try {
      file ??= await open(path, 'a+');
      await work(file);
    } catch (cause) {
      throw new DataError(`${who}: ${what} ${path} failed: ${messageOf(cause)}`, { cause });
    }
  };
  const closeFile = async (): Promise<void> => {
    await file?.close();
    file = null;
  };
  return {
    name: path,
    async read() {
      try {
        return await readBytes(path);
      } catch (error) {
        const { code } = ((error as Error).cause ?? {}) as { code?: string | undefined };
        if (code === 'ENOENT' && !readOnly) return new Uint8Array(0);
        throw error;
      }
    },
    append: (bytes) =>
      writing('writing', async (handle) => {
        await handle.appendFile(bytes);
        await handle.datasync();
      }),
    truncate: (length) =>
      writing('repairing', async (handle) => {
        await handle.truncate(length);
        await handle.datasync();
      }),
    async replace(pieces) {
      if (lock === null) throw new DataError(`${who}: ${path} was opened for reading, and can't be written.`);
      await closeFile();
      await writeFileAtomic(path, pieces);
    },
    async close() {
      await closeFile();
      await lock?.release();
    },
  };
}

/** A lock for each file of a folder. */
function purposeOf(path: string): string {
  return `index-${basename(path).replace(/[^a-z0-9]/gi, (letter) => `-${letter.charCodeAt(0).toString(16)}-`)}`;
}
