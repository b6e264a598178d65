import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/search/hash/bits.js';
import { withoutBorder } from '../../../src/search/hash/border.js';
import { fingerprint, readParts, writeFingerprint } from '../../../src/search/hash/fingerprint.js';
import { pdqHash } from '../../../src/search/hash/pdqHash.js';
import { drawnPicture } from '../../../testing/drawnPicture.js';
import { photoEdits } from '../../../testing/photoEdits.js';

describe('fingerprint', () => {
  const picture = drawnPicture(120, 90, 4);

  test('has the hashes of the whole picture and of its middle', async () => {
    const print = await fingerprint(picture);
    expect(print.parts).toHaveLength(2);
    expect(toHex(print.parts[0].pdq[0])).toBe(pdqHash(picture).hash);
    expect(print.parts[1].pdq[0]).not.toEqual(print.parts[0].pdq[0]);
  });

  test('is kept as bytes', async () => {
    const print = await fingerprint(picture);
    const parts = readParts(writeFingerprint(print));
    expect(parts).toEqual(print.parts.map(({ quality, pdq, phash }) => ({ quality, pdq: pdq[0], phash: phash[0] })));
  });

  test('has those of what is inside of a border, which are those of the picture', async () => {
    const print = await fingerprint(await photoEdits.border(picture));
    expect(print.parts).toHaveLength(3);
    expect(print.parts[2].pdq).toEqual((await fingerprint(picture)).parts[0].pdq);
  });
});

describe('withoutBorder', () => {
  test('leaves pictures without a border alone, and those that are nothing else', () => {
    expect(withoutBorder(drawnPicture(60, 40, 1))).toBeNull();
    expect(withoutBorder({ width: 30, height: 30, data: new Uint8Array(2700).fill(7) })).toBeNull();
  });
});
