import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { DataError, FormatError, StridenetError } from '../../base/errors.js';
import { messageOf } from '../files.js';
import { nameOf, type PhotoSource } from './photoJob.js';

/** The bytes of a photograph. Throws `DataError` when they cannot be read. */
export function readSource(source: PhotoSource): Uint8Array {
  if ('bytes' in source) return source.bytes;
  const { path, begin, end } = source;
  try {
    return begin === undefined || end === undefined ? readFileSync(path) : readPart(path, begin, end);
  } catch (cause) {
    throw new DataError(`reading ${nameOf(source)} failed: ${messageOf(cause)}`, { cause });
  }
}

function readPart(path: string, begin: number, end: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(end - begin);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, begin + at);
      if (read === 0) throw new Error(`the file ends at byte ${begin + at}.`);
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** What went wrong with a photograph, as an error of this library that names it. */
export function sourceError(source: PhotoSource, error: unknown): StridenetError {
  if (error instanceof DataError) return error;
  const name = nameOf(source);
  if (error instanceof FormatError) return new FormatError(`${name}: ${error.message}`, { cause: error });
  return new StridenetError(`${name}: ${messageOf(error)}`, { cause: error });
}
