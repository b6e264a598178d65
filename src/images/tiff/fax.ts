import { CODE_BITS, type CodeTable, Mode, modeCodes, runCodes } from './faxCodes.js';

/** The kinds of fax coding. */
export interface FaxOptions {
  /** 2: rows of runs, each from a new byte on. 3: group 3, rows after an end-of-line code. 4: group 4, every row by the one above. */
  compression: number;
  /** Whether rows of group 3 may be coded by the one above. */
  isTwoDimensional: boolean;
}

class FaxReader {
  #at = 0;

  constructor(readonly data: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.#at >= this.data.length * 8;
  }

  /** The next bits, 16 at most; zeros follow the last. */
  peek(bits: number): number {
    const byte = this.#at >> 3;
    const three = ((this.data[byte] ?? 0) << 16) | ((this.data[byte + 1] ?? 0) << 8) | (this.data[byte + 2] ?? 0);
    return (three >> (24 - bits - (this.#at & 7))) & ((1 << bits) - 1);
  }

  skip(bits: number): void {
    this.#at += bits;
  }

  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** What the next code stands for; -1 for no code. */
  take(table: CodeTable): number {
    const found = table[this.peek(CODE_BITS)];
    if (found === 0) return -1;
    this.#at += found & 15;
    return found >> 4;
  }

  /** A run length: any number of codes for multiples of 64, and one for the rest. */
  takeRun(color: number): number {
    let run = 0;
    for (;;) {
      const part = this.take(runCodes[color]);
      if (part < 0) return -1;
      run += part;
      if (part < 64) return run;
    }
  }

  /** Skips zeros and the end-of-line code behind them, if one is there. */
  skipEndOfLine(): boolean {
    const from = this.#at;
    while (!this.isAtEnd && this.peek(1) === 0) this.#at++;
    if (!this.isAtEnd && this.#at - from >= 11) {
      this.#at++;
      return true;
    }
    this.#at = from;
    return false;
  }
}

/**
 * Unpacks rows of `width` pixels of one bit, white 0. Returns how many bytes came out: whole rows.
 *
 * Source: ITU-T T.4 and T.6.
 */
export function unpackFax(
  packed: Uint8Array,
  y: Uint8Array,
  width: number,
  { compression, isTwoDimensional }: FaxOptions,
): number {
  const reader = new FaxReader(packed);
  const rowBytes = Math.ceil(width / 8);
  const rows = y.length / rowBytes;
  // Where the color changes, from white on.
  let above: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (compression === 2) reader.align();
    if (compression === 3) {
      reader.skipEndOfLine();
      if (row > 0 && reader.isAtEnd) return row * rowBytes;
    }
    const isByAbove = compression === 4 || (isTwoDimensional && takeTag(reader));
    const changes = isByAbove ? readByAbove(reader, above, width) : readRuns(reader, width);
    if (changes === undefined) return row * rowBytes;
    paint(changes, width, y, row * rowBytes);
    above = changes;
  }
  return y.length;
}

/** The bit behind an end-of-line code: 0 says that the row is coded by the one above. */
function takeTag(reader: FaxReader): boolean {
  const bit = reader.peek(1);
  reader.skip(1);
  return bit === 0;
}

function readRuns(reader: FaxReader, width: number): number[] | undefined {
  const changes: number[] = [];
  let x = 0;
  for (let color = 0; x < width; color ^= 1) {
    const run = reader.takeRun(color);
    if (run < 0) return undefined;
    x += run;
    changes.push(Math.min(x, width));
  }
  return changes;
}

function readByAbove(reader: FaxReader, above: readonly number[], width: number): number[] | undefined {
  const changes: number[] = [];
  let x = -1;
  let color = 0;
  let k = 0;
  while (x < width) {
    const mode = reader.take(modeCodes);
    if (mode < 0) return undefined;
    // The first change above, to the right of x, that goes from this color to the other: white to black are the even ones.
    while (k > 0 && above[k - 1] > x) k--;
    while (k < above.length && (above[k] <= x || k % 2 !== color)) k++;
    const b1 = above[k] ?? width;
    if (mode === Mode.pass) {
      x = above[k + 1] ?? width;
    } else if (mode === Mode.horizontal) {
      const first = reader.takeRun(color);
      const second = reader.takeRun(color ^ 1);
      if (first < 0 || second < 0) return undefined;
      const middle = Math.max(0, x) + first;
      x = middle + second;
      changes.push(Math.min(middle, width), Math.min(x, width));
    } else {
      x = b1 + mode - Mode.vertical;
      if (x < (changes.at(-1) ?? 0)) return undefined;
      changes.push(Math.min(x, width));
      color ^= 1;
    }
  }
  return changes;
}

/** Sets the bits from every other change to the next. */
function paint(changes: readonly number[], width: number, y: Uint8Array, at: number): void {
  for (let i = 0; i < changes.length; i += 2) {
    const end = changes[i + 1] ?? width;
    for (let x = changes[i]; x < end; x++) y[at + (x >> 3)] |= 0x80 >> (x & 7);
  }
}
