/** Bits of a Huffman code that are looked up at once. */
export const FAST_BITS = 10;

/** A Huffman table in memory, in bytes from its beginning: values of the next FAST_BITS bits as symbol + 256 * length; then by length. */
export const huffmanLayout = {
  largest: 4 << FAST_BITS,
  offset: (4 << FAST_BITS) + 4 * 18,
  symbols: (4 << FAST_BITS) + 8 * 18,
  bytes: (4 << FAST_BITS) + 8 * 18 + 4 * 256,
} as const;

/** What is known of the scan between two calls. */
export const stateLayout = { bits: 0, count: 4, at: 8, padding: 12, isBad: 16, dc: 20, bytes: 32 } as const;

/** What is known of each block of an MCU: pointers to its tables, its color's last DC value, its place, and the way to the next MCU's. */
export const blockLayout = {
  dcTable: 0,
  acTable: 4,
  dc: 8,
  steps: 12,
  coefficients: 16,
  stride: 20,
  bytes: 24,
} as const;

/** Bytes of a block of 64 coefficients. */
export const BLOCK_BYTES = 128;

/** Bytes before and after a row of pixels that a vector may read. */
export const MARGIN = 32;

/** Memory that the program's module may use, in pages of 64 KiB. */
export const MAXIMUM_PAGES = 8192;
