import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { DataError } from '../base/errors.js';
import type { Journal } from '../study/index.js';
import { withFileLock } from './fileLock.js';
import { messageOf } from './files.js';

/** Options of `fileJournal`. */
export interface FileJournalOptions {
  /** Waits for the disk after each record, which a power cut needs. Default false: a killed process loses nothing either way. */
  sync?: boolean | undefined;
  /** Is told what was repaired. Default: prints it to stderr. */
  onNote?: ((note: string) => void) | undefined;
}

const NEWLINE = 10;

/**
 * The journal of a study in a file, for several processes of one machine, or of several that share a disk. Each record is a line; a lock file,
 * `<path>.lock`, keeps writers apart. A line that a killed process left cut off is dropped, and `onNote` is told.
 *
 * Throws `DataError` when the file cannot be written.
 *
 * @example
 * const study = new Study({ space, journal: fileJournal('runs/sweep/journal.jsonl') });
 */
export function fileJournal(path: string, options: FileJournalOptions = {}): Journal {
  checkOptions('fileJournal', options, ['sync', 'onNote']);
  const { sync = false, onNote = (note) => process.stderr.write(`${note}\n`) } = options;
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    throw new DataError(`fileJournal: ${path} cannot be written: ${messageOf(cause)}`, { cause });
  }
  return {
    name: path,
    onNote,
    read(from) {
      const bytes = bytesFrom(path, from);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      const text = bytes.subarray(0, end).toString('utf8');
      return { lines: text === '' ? [] : text.slice(0, -1).split('\n'), end: from + end };
    },
    append(lines) {
      const record = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const file = openSync(path, 'a+');
      try {
        const cut = dropCutLine(file);
        if (cut > 0) onNote(`${path}: the last line was cut off after ${cut} bytes, and was dropped.`);
        for (let done = 0; done < record.length; ) done += writeSync(file, record, done);
        if (sync) fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    exclusive: (work) => withFileLock(`${path}.lock`, work),
  };
}

function bytesFrom(path: string, from: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size < from) {
      throw new DataError(
        `${path} has become shorter: it has ${size} bytes, but ${from} were read. Start again from it.`,
      );
    }
    const bytes = Buffer.alloc(size - from);
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(file, bytes, done, bytes.length - done, from + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(file);
  }
}

/** Removes what follows the last end of a line; returns its length. */
function dropCutLine(file: number): number {
  const { size } = fstatSync(file);
  const piece = Buffer.alloc(4096);
  let end = size;
  while (end > 0) {
    const begin = Math.max(0, end - piece.length);
    const count = readSync(file, piece, 0, end - begin, begin);
    const at = piece.subarray(0, count).lastIndexOf(NEWLINE);
    if (at >= 0) {
      end = begin + at + 1;
      break;
    }
    end = begin;
  }
  if (end < size) ftruncateSync(file, end);
  return size - end;
}
