import { FormatError } from '../base/errors.js';

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes end before what was asked for. */
export class EndOfBytes extends FormatError {}

/** Reads little-endian values one after another, each checked against the end of the bytes. */
export class ByteCursor {
  readonly #view: DataView;

  /** `who` is named in messages. */
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly who: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** Sizes and offsets: a value that a double cannot hold is refused. */
  u64(): number {
    const value = Number(this.#view.getBigUint64(this.#advance(8), true));
    if (!Number.isSafeInteger(value)) throw new FormatError(`${this.who}: the size ${value} is impossible.`);
    return value;
  }

  f64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  text(length: number): string {
    const start = this.#advance(length);
    const { bytes } = this;
    // A call of the decoder costs as much as eight characters one by one.
    let text = '';
    if (length <= 8) {
      let at = start;
      for (; at < start + length && bytes[at] < 0x80; at++) text += String.fromCharCode(bytes[at]);
      if (at === start + length) return text;
    }
    return UTF8.decode(bytes.subarray(start, start + length));
  }

  /** Text up to the next line feed, which is skipped. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new EndOfBytes(`${this.who}: a line has no end. The file is truncated or damaged.`);
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  #advance(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) {
      throw new EndOfBytes(
        `${this.who}: needs ${length} bytes at ${start}, but the file ends at ${this.bytes.length}. It is truncated or damaged.`,
      );
    }
    this.at = start + length;
    return start;
  }
}
