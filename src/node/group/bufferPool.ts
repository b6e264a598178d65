/** Only blocks of this many bytes, the segments of large arrays, are worth keeping. */
const LEAST = 65_536;
const MOST_KEPT = 64;

/** Memory for messages that is used again: fresh pages for each would cost more than copying into them. */
export class BufferPool {
  readonly #spare = new Map<number, Uint8Array[]>();
  #kept = 0;

  take(length: number): Uint8Array {
    const spare = this.#spare.get(length)?.pop();
    if (spare === undefined) return new Uint8Array(length);
    this.#kept--;
    return spare;
  }

  /** The bytes may be given out again from now on. */
  give(bytes: Uint8Array): void {
    if (bytes.length < LEAST || bytes.byteLength !== bytes.buffer.byteLength || this.#kept >= MOST_KEPT) return;
    const list = this.#spare.get(bytes.length);
    if (list === undefined) this.#spare.set(bytes.length, [bytes]);
    else list.push(bytes);
    this.#kept++;
  }
}
