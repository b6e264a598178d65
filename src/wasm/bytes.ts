const single = new DataView(new ArrayBuffer(8));

/** A growing list of bytes, with the variable-length integers (LEB128) of the WebAssembly binary format, section 5.2.2. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** A view of what has been written; the next write may leave it behind. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Unsigned LEB128: seven bits a byte, the eighth says that more follow. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128. */
  i32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.byte(done ? low : low | 0x80);
      if (done) return this;
    }
  }

  f32(value: number): this {
    single.setFloat32(0, value, true);
    return this.#raw(4);
  }

  f64(value: number): this {
    single.setFloat64(0, value, true);
    return this.#raw(8);
  }

  /** A name: its length in bytes, then UTF-8. */
  name(text: string): this {
    const utf8 = new TextEncoder().encode(text);
    return this.u32(utf8.length).append(utf8);
  }

  append(bytes: ArrayLike<number>): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A section or body: the length of `content`, then `content`. */
  sized(content: ByteWriter): this {
    return this.u32(content.#length).append(content.bytes);
  }

  #raw(count: number): this {
    for (let i = 0; i < count; i++) this.byte(single.getUint8(i));
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
