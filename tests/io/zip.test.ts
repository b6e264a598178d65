import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../src/io/crc32.js';
import { StoredZip } from '../../src/io/zip.js';
import { FormatError } from '../../src/tensor/errors.js';
import { expectOnlyFormatErrors, mutated } from '../support/mutations.js';

interface Options {
  method?: number;
  flags?: number;
  zip64?: boolean;
  comment?: string;
  /** All entries point to the first one's bytes. */
  overlap?: boolean;
}

/** An archive put together by hand, field by field. */
function zipOf(files: [string, Uint8Array][], options: Options = {}): Uint8Array {
  const { method = 0, flags = 0, zip64 = false, comment = '', overlap = false } = options;
  const out: number[] = [];
  const put = (value: number | bigint, bytes: number): void => {
    for (let i = 0, v = BigInt(value); i < bytes; i++, v >>= 8n) out.push(Number(v & 255n));
  };
  const puts = (bytes: Iterable<number>): void => {
    for (const b of bytes) out.push(b);
  };
  const text = (s: string): Uint8Array => new TextEncoder().encode(s);
  const headers = files.map(([name, content]) => {
    const at = out.length;
    put(0x04034b50, 4);
    puts([20, 0, flags, 0, method, 0, 0, 0, 0, 0]);
    put(crc32(content), 4);
    put(content.length, 4);
    put(content.length, 4);
    put(text(name).length, 2);
    put(3, 2);
    puts(text(name));
    puts([9, 9, 9]);
    puts(content);
    return at;
  });
  const start = out.length;
  files.forEach(([name, content], i) => {
    const header = headers[overlap ? 0 : i];
    put(0x02014b50, 4);
    puts([20, 0, 20, 0, flags, 0, method, 0, 0, 0, 0, 0]);
    put(crc32(content), 4);
    put(zip64 ? 0xffffffff : content.length, 4);
    put(zip64 ? 0xffffffff : content.length, 4);
    put(text(name).length, 2);
    put(zip64 ? 28 : 0, 2);
    puts(new Uint8Array(10));
    put(zip64 ? 0xffffffff : header, 4);
    puts(text(name));
    if (zip64) {
      put(1, 2);
      put(24, 2);
      put(content.length, 8);
      put(content.length, 8);
      put(header, 8);
    }
  });
  const size = out.length - start;
  if (zip64) {
    const end = out.length;
    put(0x06064b50, 4);
    put(44, 8);
    puts(new Uint8Array(12));
    put(files.length, 8);
    put(files.length, 8);
    put(size, 8);
    put(start, 8);
    put(0x07064b50, 4);
    put(0, 4);
    put(end, 8);
    put(1, 4);
  }
  put(0x06054b50, 4);
  put(0, 4);
  put(zip64 ? 0xffff : files.length, 2);
  put(zip64 ? 0xffff : files.length, 2);
  put(zip64 ? 0xffffffff : size, 4);
  put(zip64 ? 0xffffffff : start, 4);
  put(comment.length, 2);
  puts(text(comment));
  return Uint8Array.from(out);
}

const files: [string, Uint8Array][] = [
  ['a/one', Uint8Array.of(1, 2, 3)],
  ['a/two', new Uint8Array(0)],
];

test('the checksum of "123456789" is the published cbf43926', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test.each([{}, { zip64: true }, { comment: 'PK a comment' }])('stored files are read from %o', (options) => {
  const zip = new StoredZip(zipOf(files, options));
  expect(zip.names()).toEqual(['a/one', 'a/two']);
  expect([...zip.read('a/one')]).toEqual([1, 2, 3]);
  expect(zip.read('a/two').length).toBe(0);
});

test.each<[string, Uint8Array, RegExp]>([
  ['compressed', zipOf(files, { method: 8 }), /is compressed by method 8/],
  ['encrypted', zipOf(files, { flags: 1 }), /is encrypted/],
])('an archive that is %s says so when it is read', (_, bytes, message) => {
  expect(() => new StoredZip(bytes).read('a/one')).toThrow(message);
});

test('damage is found', () => {
  const damaged = zipOf(files);
  damaged[30 + 5 + 3] ^= 1;
  expect(() => new StoredZip(damaged).read('a/one')).toThrow(/checksum of the entry a\/one/);
  expect(() => new StoredZip(zipOf(files)).read('b')).toThrow(/has no entry b/);
  expect(() => new StoredZip(zipOf([files[0], files[0]]))).toThrow(/a\/one stands twice/);
  expect(() => new StoredZip(new Uint8Array(10))).toThrow(FormatError);
});

test('entries that share bytes cannot make a small file large', () => {
  const content = new Uint8Array(1000).fill(7);
  const names = Array.from({ length: 9 }, (_, i) => String(i));
  const apart = new StoredZip(zipOf(names.map((name) => [name, content])));
  for (const name of names) expect(apart.read(name).length).toBe(1000);
  const shared = new StoredZip(
    zipOf(
      names.map((name) => [name, content]),
      { overlap: true },
    ),
  );
  expect(() => {
    for (let round = 0; round < 2; round++) for (const name of names) shared.read(name);
  }).toThrow(/overlaps other entries/);
});

test('random and mutated archives give files or a FormatError', () => {
  const readAll = (bytes: Uint8Array): void => {
    expectOnlyFormatErrors(() => {
      const zip = new StoredZip(bytes);
      for (const name of zip.names()) zip.read(name);
    });
  };
  for (const options of [{}, { zip64: true }]) {
    fc.assert(fc.property(mutated(zipOf(files, options)), readAll), { numRuns: 2000 });
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), readAll));
});
