/** A growing list of bytes, with the variable-length integers (LEB128) of the WebAssembly binary format, section 5.2.2. */
export class ByteWriter {
  readonly bytes: number[] = [];

  byte(...values: number[]): this {
    for (const value of values) this.bytes.push(value & 0xff);
    return this;
  }

  /** Unsigned LEB128: seven bits a byte, the eighth says that more follow. */
  u32(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.bytes.push(rest);
    return this;
  }

  /** Signed LEB128. */
  i32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.bytes.push(done ? low : low | 0x80);
      if (done) return this;
    }
  }

  f32(value: number): this {
    return this.#raw(new Float32Array([value]).buffer);
  }

  f64(value: number): this {
    return this.#raw(new Float64Array([value]).buffer);
  }

  /** A name: its length in bytes, then UTF-8. */
  name(text: string): this {
    const utf8 = new TextEncoder().encode(text);
    return this.u32(utf8.length).append(utf8);
  }

  append(bytes: ArrayLike<number>): this {
    for (let i = 0; i < bytes.length; i++) this.bytes.push(bytes[i]);
    return this;
  }

  /** A section or body: the length of `content`, then `content`. */
  sized(content: ByteWriter): this {
    return this.u32(content.bytes.length).append(content.bytes);
  }

  #raw(buffer: ArrayBuffer): this {
    return this.append(new Uint8Array(buffer));
  }
}
