const PAGE_BYTES = 65536;

/** A memory that may grow to `maximumBytes`, or to less where that much cannot be reserved, and that limit. */
export function createMemory(shared: boolean, maximumBytes: number): [WebAssembly.Memory, number] {
  // Some engines refuse to reserve 4 GiB of addresses: halve until one agrees.
  for (let bytes = maximumBytes; ; bytes = Math.floor(bytes / 2)) {
    const maximum = Math.max(1, Math.floor(bytes / PAGE_BYTES));
    try {
      const memory =
        typeof WebAssembly === 'undefined'
          ? new ArrayBufferMemory(maximum)
          : new WebAssembly.Memory({ initial: 1, maximum, shared });
      return [memory, maximum * PAGE_BYTES];
    } catch (error) {
      if (maximum === 1) throw error;
    }
  }
}

/**
 * What stands in for WebAssembly.Memory where there is no WebAssembly, such as in the Lockdown Mode of Safari: a buffer that is
 * replaced by a longer one with the same bytes when it grows. Views of the old one are detached, as those of a plain memory are.
 */
export class ArrayBufferMemory implements WebAssembly.Memory {
  buffer: ArrayBuffer = new ArrayBuffer(PAGE_BYTES);

  constructor(readonly maximum: number) {}

  /** Throws `RangeError` past the maximum, or where there is no room. */
  grow(pages: number): number {
    const before = this.buffer.byteLength / PAGE_BYTES;
    if (before + pages > this.maximum) throw new RangeError(`${before + pages} pages are more than ${this.maximum}.`);
    const grown = new ArrayBuffer((before + pages) * PAGE_BYTES);
    new Uint8Array(grown).set(new Uint8Array(this.buffer));
    if (typeof structuredClone === 'function') structuredClone(this.buffer, { transfer: [this.buffer] });
    this.buffer = grown;
    return before;
  }
}
