import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { readTar } from '../../src/node/tar.js';
import { expectOnlyFormatErrors, mutated } from '../../testing/mutations.js';
import { tarOf } from '../../testing/tarOf.js';

const archive = tarOf([
  ['folder/a', Uint8Array.of(1, 2, 3)],
  ['b', new Uint8Array(600).fill(7)],
]);

test('regular files come back under their paths', () => {
  const files = readTar(archive);
  expect([...files.keys()]).toEqual(['folder/a', 'b']);
  expect([...(files.get('folder/a') ?? [])]).toEqual([1, 2, 3]);
  expect(files.get('b')?.length).toBe(600);
});

test('truncation and damage are found', () => {
  expect(() => readTar(archive.subarray(0, 1600), 'a.tar')).toThrow(
    'a.tar is truncated: a file of 600 bytes begins at 1536',
  );
  expect(() => readTar(archive.subarray(0, 1024))).toThrow('does not end with a block of zeros');
  const damaged = archive.slice();
  damaged[3] ^= 1;
  expect(() => readTar(damaged)).toThrow(FormatError);
  expect(() => readTar(damaged)).toThrow('the header at byte 0 has a wrong checksum');
});

test('random and mutated archives give files or a FormatError', () => {
  fc.assert(
    fc.property(mutated(archive), (bytes) => expectOnlyFormatErrors(() => readTar(bytes))),
    { numRuns: 2000 },
  );
});
