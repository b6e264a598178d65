import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DataError } from '../base/errors.js';
import type { ByteSource } from '../io/byteSource.js';
import { messageOf } from './files.js';

/** The system reads at most 2 GiB at once. */
const PIECE = 2 ** 30;

/** Opening a pipe that nobody writes to would wait for ever. Windows has no such flag. */
const NO_WAITING = constants.O_NONBLOCK ?? 0;

/** A file whose bytes are fetched piece by piece: it may be larger than memory. To be closed. */
export class FileSource implements ByteSource {
  readonly length: number;
  readonly #file: number;

  /** Throws `DataError` with the path and the cause. */
  constructor(readonly path: string) {
    this.#file = this.#try(() => openSync(path, constants.O_RDONLY | NO_WAITING));
    const stat = this.#try(() => fstatSync(this.#file));
    this.length = stat.size;
    if (!stat.isFile()) {
      this.close();
      throw new DataError(`reading ${path} failed: it is no regular file.`);
    }
  }

  /** A new array. Throws `DataError` when the file cannot be read or memory does not hold so much. */
  read(begin: number, end: number): Uint8Array {
    return this.#try(() => {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(this.#file, bytes, at, Math.min(PIECE, bytes.length - at), begin + at);
        if (read === 0) throw new Error(`it ended at byte ${begin + at}, though it had ${this.length} before.`);
        at += read;
      }
      return bytes;
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  #try<T>(fn: () => T): T {
    try {
      return fn();
    } catch (cause) {
      throw new DataError(`reading ${this.path} failed: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Opens files for `read`, and closes them when it is done. */
export async function withFiles<T>(read: (open: (path: string) => FileSource) => T | Promise<T>): Promise<T> {
  const files: FileSource[] = [];
  try {
    return await read((path) => {
      const file = new FileSource(path);
      files.push(file);
      return file;
    });
  } finally {
    for (const file of files) file.close();
  }
}
