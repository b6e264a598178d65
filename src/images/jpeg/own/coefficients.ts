import { damaged } from '../../source.js';
import type { BitReader } from './bitReader.js';
import { type HuffmanTable, takeSymbol } from './huffman.js';
import { ZIGZAG } from './zigzag.js';

/** Decodes one block of the scan's color `s` into the 64 coefficients at `at`. */
export type Decode = (coefficients: Int16Array, at: number, s: number) => void;

/** What one block leaves to the next, forgotten at restarts. */
export class ScanState {
  readonly dc = new Int32Array(4);
  /** Blocks that hold no more coefficients of the scan. */
  emptyBlocks = 0;

  reset(): void {
    this.dc.fill(0);
    this.emptyBlocks = 0;
  }
}

/** What a scan holds: coefficients `first` to `last`, all bits above bit `low`, or bit `low` alone when `high` says that those above came before. */
export interface ScanRange {
  first: number;
  last: number;
  high: number;
  low: number;
}

/** Throws `FormatError` where a table is missing. */
function needed(table: HuffmanTable | undefined): HuffmanTable {
  if (table === undefined) throw damaged('JPEG', 'a Huffman table is missing.');
  return table;
}

/** A block of a sequential scan: all of its coefficients. */
export function sequential(
  reader: BitReader,
  state: ScanState,
  dcTable: HuffmanTable | undefined,
  acTable: HuffmanTable | undefined,
): Decode {
  const [dc, ac] = [needed(dcTable), needed(acTable)];
  return (coefficients, at, s) => {
    state.dc[s] += reader.takeSigned(takeSymbol(reader, dc) & 15);
    coefficients[at] = state.dc[s];
    for (let k = 1; k < 64; k++) {
      const symbol = takeSymbol(reader, ac);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) break;
        k += 15;
        continue;
      }
      k += symbol >> 4;
      const value = reader.takeSigned(size);
      if (k < 64) coefficients[at + ZIGZAG[k]] = value;
    }
  };
}

/** A block of a progressive scan. */
export function progressive(
  reader: BitReader,
  state: ScanState,
  range: ScanRange,
  dcTable: HuffmanTable | undefined,
  acTable: HuffmanTable | undefined,
): Decode {
  const { first, high, low } = range;
  if (first === 0) {
    if (high > 0) {
      return (coefficients, at) => {
        coefficients[at] |= reader.take(1) << low;
      };
    }
    const dc = needed(dcTable);
    return (coefficients, at, s) => {
      state.dc[s] += reader.takeSigned(takeSymbol(reader, dc) & 15);
      coefficients[at] = state.dc[s] << low;
    };
  }
  const ac = needed(acTable);
  return high === 0 ? firstBits(reader, state, range, ac) : nextBit(reader, state, range, ac);
}

/** Coefficients for the first time, down to bit `low`. */
function firstBits(reader: BitReader, state: ScanState, { first, last, low }: ScanRange, ac: HuffmanTable): Decode {
  return (coefficients, at) => {
    if (state.emptyBlocks > 0) {
      state.emptyBlocks--;
      return;
    }
    for (let k = first; k <= last; k++) {
      const symbol = takeSymbol(reader, ac);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run < 15) {
          state.emptyBlocks = (1 << run) - 1 + reader.take(run);
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      const value = reader.takeSigned(size) << low;
      if (k < 64) coefficients[at + ZIGZAG[k]] = value;
    }
  };
}

/** One more bit of coefficients that are not zero, and new ones among the zeros. */
function nextBit(reader: BitReader, state: ScanState, { first, last, low }: ScanRange, ac: HuffmanTable): Decode {
  const bit = 1 << low;
  const refine = (coefficients: Int16Array, i: number): void => {
    const value = coefficients[i];
    if (reader.take(1) === 1 && (Math.abs(value) & bit) === 0) coefficients[i] = value > 0 ? value + bit : value - bit;
  };
  return (coefficients, at) => {
    let k = first;
    if (state.emptyBlocks === 0) {
      for (; k <= last; k++) {
        const symbol = takeSymbol(reader, ac);
        let run = symbol >> 4;
        let fresh = 0;
        if ((symbol & 15) !== 0) fresh = reader.take(1) === 1 ? bit : -bit;
        else if (run < 15) {
          state.emptyBlocks = (1 << run) + reader.take(run);
          break;
        }
        // Zeros count, others get their bit.
        for (; k <= last; k++) {
          const i = at + ZIGZAG[k];
          if (coefficients[i] !== 0) refine(coefficients, i);
          else if (run-- === 0) break;
        }
        if (fresh !== 0 && k <= last) coefficients[at + ZIGZAG[k]] = fresh;
      }
    }
    if (state.emptyBlocks === 0) return;
    for (; k <= last; k++) {
      const i = at + ZIGZAG[k];
      if (coefficients[i] !== 0) refine(coefficients, i);
    }
    state.emptyBlocks--;
  };
}
