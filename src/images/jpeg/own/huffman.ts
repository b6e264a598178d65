import { damaged } from '../../source.js';
import type { BitReader } from './bitReader.js';

/** Codes of up to this many bits are looked up at once. */
const FAST_BITS = 9;

/** A Huffman code: symbols by their codes, shortest first. */
export interface HuffmanTable {
  /** For each start of FAST_BITS bits: the symbol + 256 times the length of its code; 0 where the code is longer. */
  fast: Uint16Array;
  /** By length: the largest code, -1 for none; and what added to a code gives the place of its symbol. */
  largest: Int32Array;
  offset: Int32Array;
  symbols: Uint8Array;
}

/** Reads the tables of a DHT segment: `set` gets each with its class (0 DC, 1 AC) and number. */
export function readHuffmanTables(
  data: Uint8Array,
  set: (isAc: boolean, id: number, table: HuffmanTable) => void,
): void {
  for (let at = 0; at + 17 <= data.length; ) {
    const [kind, id] = [data[at] >> 4, data[at] & 15];
    const counts = data.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (kind > 1 || id > 3 || total > 256 || at + 17 + total > data.length)
      throw damaged('JPEG', 'a Huffman table is damaged.');
    set(kind === 1, id, makeTable(counts, data.subarray(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}

function makeTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const fast = new Uint16Array(1 << FAST_BITS);
  const largest = new Int32Array(18).fill(-1);
  const offset = new Int32Array(18);
  let code = 0;
  let k = 0;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    offset[length] = k - code;
    for (let i = 0; i < counts[length - 1]; i++, code++, k++) {
      if (code >= 1 << length) throw damaged('JPEG', 'a Huffman table is damaged: it has more codes than fit.');
      if (length > FAST_BITS) continue;
      const first = code << (FAST_BITS - length);
      fast.fill((length << 8) | symbols[k], first, first + (1 << (FAST_BITS - length)));
    }
    if (counts[length - 1] > 0) largest[length] = code - 1;
  }
  return { fast, largest, offset, symbols };
}

/** The symbol of the code that comes next; 0 for an unknown code, as in libjpeg. */
export function takeSymbol(reader: BitReader, { fast, largest, offset, symbols }: HuffmanTable): number {
  const found = fast[reader.peek(FAST_BITS)];
  if (found !== 0) {
    reader.skip(found >> 8);
    return found & 255;
  }
  const bits = reader.peek(16);
  for (let length = FAST_BITS + 1; length <= 16; length++) {
    const code = bits >> (16 - length);
    if (code > largest[length]) continue;
    reader.skip(length);
    return symbols[offset[length] + code] ?? 0;
  }
  reader.skip(16);
  return 0;
}
