/** Unpacks PackBits: a byte n says that n + 1 bytes follow as they are, or that the next one counts 1 - n times. Returns how many bytes came out. */
export function unpackPackBits(packed: Uint8Array, y: Uint8Array): number {
  let found = 0;
  for (let at = 0; at < packed.length && found < y.length; ) {
    const count = (packed[at++] << 24) >> 24;
    if (count === -128) continue;
    if (count >= 0) {
      const run = packed.subarray(at, at + count + 1).subarray(0, y.length - found);
      y.set(run, found);
      found += run.length;
      at += count + 1;
    } else if (at < packed.length) {
      const end = Math.min(y.length, found + 1 - count);
      y.fill(packed[at++], found, end);
      found = end;
    }
  }
  return found;
}
