/** REMAINDERS[k][byte]: the remainder of a byte that k zero bytes follow, by the reflected polynomial of IEEE 802.3. */
const REMAINDERS = remainders();

/**
 * The checksum of zip and PNG files; `before` is that of the bytes that come before these.
 *
 * Source: four bytes at a time by Kounavis and Berry 2005, "A systematic approach to building high performance, software-based, CRC
 * generators": four look-ups that do not wait for one another are nearly twice as fast as byte after byte (0.43 against 0.23 GB/s).
 *
 * @example
 * crc32(new TextEncoder().encode('123456789')); // 0xcbf43926
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [r0, r1, r2, r3] = REMAINDERS;
  const length = bytes.length;
  const whole = length - (length % 4);
  let c = ~before;
  let i = 0;
  for (; i < whole; i += 4) {
    c ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    c = r3[c & 0xff] ^ r2[(c >>> 8) & 0xff] ^ r1[(c >>> 16) & 0xff] ^ r0[c >>> 24];
  }
  for (; i < length; i++) c = r0[(c ^ bytes[i]) & 0xff] ^ (c >>> 8);
  return ~c >>> 0;
}

function remainders(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  const tables = [first];
  while (tables.length < 4) tables.push(tables[tables.length - 1].map((c) => first[c & 0xff] ^ (c >>> 8)));
  return tables;
}
