import type { HuffmanTable } from '../own/huffman.js';
import { FAST_BITS, huffmanLayout } from './layout.js';

/** A Huffman table as `huffmanLayout` says. */
export function packTable({ fast, largest, offset, symbols }: HuffmanTable): Int32Array {
  const packed = new Int32Array(huffmanLayout.bytes / 4);
  for (let i = 0; i < 1 << FAST_BITS; i++) packed[i] = fast[i >> 1] || lookUp(i, { fast, largest, offset, symbols });
  packed.set(largest, huffmanLayout.largest / 4);
  packed.set(offset, huffmanLayout.offset / 4);
  packed.set(symbols, huffmanLayout.symbols / 4);
  return packed;
}

/** A code of exactly FAST_BITS bits, one more than the other decoder looks up at once. */
function lookUp(code: number, { largest, offset, symbols }: HuffmanTable): number {
  const symbol = code <= largest[FAST_BITS] ? symbols[offset[FAST_BITS] + code] : undefined;
  return symbol === undefined ? 0 : (FAST_BITS << 8) | symbol;
}
