import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { crc32 } from '../../src/io/crc32.js';
import { StoredZip } from '../../src/io/zip.js';
import { expectOnlyFormatErrors, mutated } from '../../testing/mutations.js';
import { zipOf } from '../../testing/zipOf.js';

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
