import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * A file that only grows, by whole records. A process that is killed leaves at most one record cut off, which the next `open` removes.
 * What could not be written in full, on a full disk say, is written over by the next record.
 */
export class LogFile {
  readonly #file: number;
  #end: number;
  #kept: Uint8Array;

  /** `keep` tells how many of the file's bytes are to stay. */
  constructor(path: string, keep: (bytes: Uint8Array) => number) {
    this.#file = openSync(path, 'a');
    closeSync(this.#file);
    // Not for appending: writes go where the last whole record ended.
    this.#file = openSync(path, 'r+');
    const bytes = readFileSync(this.#file);
    this.#end = keep(bytes);
    this.#kept = bytes.subarray(0, this.#end);
    ftruncateSync(this.#file, this.#end);
  }

  /** What stood in the file as it was opened, without what was removed; it is told once, and not held any longer. */
  takeKept(): Uint8Array {
    const kept = this.#kept;
    this.#kept = new Uint8Array();
    return kept;
  }

  append(record: Uint8Array): void {
    let written = 0;
    while (written < record.length) {
      written += writeSync(this.#file, record, written, record.length - written, this.#end + written);
    }
    this.#end += record.length;
  }

  /** Waits until the disk has it. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
