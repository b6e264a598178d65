const CLEAR = 256;
const END = 257;
const TABLE = 4096;

/**
 * Unpacks TIFF's LZW: codes of 9 to 12 bits, highest bit first, whose length grows one code early. Returns how many bytes came out.
 *
 * Source: TIFF 6.0, section 13.
 */
export function unpackLzw(packed: Uint8Array, y: Uint8Array): number {
  // A string is a place in y and a length: that of an earlier code, and the byte behind it, which is the first of the code after it.
  const start = new Int32Array(TABLE);
  const length = new Int32Array(TABLE);
  let next = END + 1;
  let bits = 9;
  let buffer = 0;
  let buffered = 0;
  let found = 0;
  for (let at = 0; found < y.length; ) {
    while (buffered < bits && at < packed.length) {
      buffer = ((buffer << 8) | packed[at++]) & 0xfffff;
      buffered += 8;
    }
    if (buffered < bits) return found;
    buffered -= bits;
    const code = (buffer >> buffered) & ((1 << bits) - 1);
    if (code === END) return found;
    if (code === CLEAR) {
      next = END + 1;
      bits = 9;
      continue;
    }
    if (code >= next) return found;
    const begin = found;
    const run = code < CLEAR ? 1 : length[code];
    if (code < CLEAR) y[found++] = code;
    else for (let i = 0; i < run && found < y.length; i++) y[found++] = y[start[code] + i];
    if (next === TABLE) continue;
    start[next] = begin;
    length[next] = run + 1;
    next++;
    if (next === 1 << bits && bits < 12) bits++;
  }
  return found;
}
