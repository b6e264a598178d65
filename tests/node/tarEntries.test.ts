import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readTar } from '../../src/node/tar.js';
import { tarEntries } from '../../src/node/tarEntries.js';

interface Golden {
  files: Record<string, string>;
  archives: Record<string, string>;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/tarShards.json', import.meta.url), 'utf8'));

test.each(Object.keys(golden.archives))(
  'archives that Python writes in the format %s are read, long names too',
  (format) => {
    const files = readTar(gunzipSync(Buffer.from(golden.archives[format], 'base64')));
    const expected = Object.entries(golden.files).filter(([name]) => format !== 'ustar' || name.length <= 100);
    const found = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
    expect(found).toEqual(expected);
  },
);

/** A source of `length` bytes that are zero except for headers. */
function sparse(length: number, headers: ReadonlyMap<number, Uint8Array>) {
  const read: number[] = [];
  return {
    length,
    reads: read,
    read: (begin: number, end: number): Uint8Array => {
      read.push(end - begin);
      return headers.get(begin)?.slice() ?? new Uint8Array(end - begin);
    },
  };
}

/** A header whose size is a number of base 256, as GNU tar writes those above 8 GiB. */
function largeHeader(name: string, size: number): Uint8Array {
  const header = new Uint8Array(512);
  header.set(new TextEncoder().encode(name), 0);
  header[124] = 0x80;
  for (let at = 135, rest = size; at > 124 && rest > 0; at--, rest = Math.floor(rest / 256)) header[at] = rest % 256;
  header.fill(0x20, 148, 156);
  header[156] = 0x30;
  const sum = header.reduce((a, b) => a + b, 0);
  header.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return header;
}

test('files above 8 GiB are passed over without being read', () => {
  const size = 20 * 2 ** 30 + 5;
  const second = 512 + Math.ceil(size / 512) * 512;
  const source = sparse(
    second + 3 * 512 + 1024,
    new Map([
      [0, largeHeader('big', size)],
      [second, largeHeader('small', 7)],
    ]),
  );
  expect([...tarEntries(source, 'big.tar')]).toEqual([
    { path: 'big', begin: 512, end: 512 + size },
    { path: 'small', begin: second + 512, end: second + 519 },
  ]);
  expect(source.reads).toEqual([512, 512, 512]);
});
