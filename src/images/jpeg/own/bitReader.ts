/** Reads the bits of a scan, up to the next marker. */
export class BitReader {
  #at: number;
  #bits = 0;
  #count = 0;
  /** Whether more bits were taken than there are; those are zeros. */
  isDry = false;

  constructor(
    readonly data: Uint8Array,
    at: number,
  ) {
    this.#at = at;
  }

  /** Where the next marker is looked for. */
  get at(): number {
    return this.#at;
  }

  /** Makes sure that at least 16 bits are at hand, zeros if need be. */
  #refill(): void {
    const data = this.data;
    while (this.#count <= 24) {
      let byte = 0;
      if (this.#at < data.length) {
        byte = data[this.#at];
        if (byte !== 0xff) this.#at++;
        else if (data[this.#at + 1] === 0) this.#at += 2;
        else if (data[this.#at + 1] === 0xff) {
          this.#at++;
          continue;
        } else return;
      } else return;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }

  /** The next `n` bits (16 at most) without taking them; zeros follow the last. */
  peek(n: number): number {
    if (this.#count < n) {
      this.#refill();
      if (this.#count < n) return (this.#bits << (n - this.#count)) & ((1 << n) - 1);
    }
    return (this.#bits >> (this.#count - n)) & ((1 << n) - 1);
  }

  skip(n: number): void {
    this.#count -= n;
    if (this.#count < 0) {
      this.#count = 0;
      this.#bits = 0;
      this.isDry = true;
    }
  }

  take(n: number): number {
    if (n === 0) return 0;
    const bits = this.peek(n);
    this.skip(n);
    return bits;
  }

  /** `n` bits as a number whose first bit is its sign: 0 to 2^(n-1) - 1 mean -2^n + 1 and up. */
  takeSigned(n: number): number {
    if (n === 0) return 0;
    const value = this.take(n);
    return value < 1 << (n - 1) ? value - (1 << n) + 1 : value;
  }

  /** Goes on behind the restart marker that comes next. False where another marker comes, or none. */
  restart(): boolean {
    this.#bits = 0;
    this.#count = 0;
    const data = this.data;
    for (let at = this.#at; at + 1 < data.length; at++) {
      if (data[at] !== 0xff || data[at + 1] === 0 || data[at + 1] === 0xff) continue;
      this.#at = at;
      if (data[at + 1] < 0xd0 || data[at + 1] > 0xd7) return false;
      this.#at = at + 2;
      this.isDry = false;
      return true;
    }
    this.#at = data.length;
    return false;
  }
}
