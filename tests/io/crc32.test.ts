import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/io/crc32.js';

const digits = new TextEncoder().encode('123456789');

test('of nine digits is the value that catalogs of checksums give', () => {
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

test('of two pieces is that of the whole, wherever it is cut', () => {
  for (let cut = 0; cut <= digits.length; cut++) {
    expect(crc32(digits.subarray(cut), crc32(digits.subarray(0, cut)))).toBe(0xcbf43926);
  }
});

test('is what the definition gives: bit after bit, for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let c = 0xffffffff;
      for (const byte of bytes) {
        for (let bit = 0; bit < 8; bit++) {
          const odd = (c ^ (byte >>> bit)) & 1;
          c = (c >>> 1) ^ (odd ? 0xedb88320 : 0);
        }
      }
      expect(crc32(bytes)).toBe(~c >>> 0);
    }),
  );
});

// Node has it since 20.15.
test.runIf(zlibCrc32 !== undefined)('is that of zlib', () => {
  const bytes = Uint8Array.from({ length: 10_003 }, (_, i) => (i * i) >>> 3);
  expect(crc32(bytes.subarray(1))).toBe(zlibCrc32(bytes.subarray(1)));
});
