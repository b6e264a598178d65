import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import type { Picture } from '../../src/classifier/index.js';
import { resizeImage } from '../../src/images/index.js';
import { duplicatesOf, type Fingerprint } from '../../src/organize/duplicates.js';
import { sharpness } from '../../src/organize/sharpness.js';
import { pdqHash, pixelHash } from '../../src/search/index.js';

async function patches(seed: number): Promise<Picture> {
  const random = new RandomStream(`patches ${seed}`);
  const small = { width: 12, height: 10, data: Uint8Array.from({ length: 360 }, () => random.integer(256)) };
  return resizeImage(small, { width: 240, height: 200, filter: 'nearest' });
}

/** Shrunk and enlarged again. */
async function blurred(picture: Picture): Promise<Picture> {
  const small = await resizeImage(picture, { width: 48, height: 40 });
  return resizeImage(small, { width: picture.width, height: picture.height });
}

async function fingerprint(picture: Picture): Promise<Fingerprint> {
  const { hash: pdq, quality } = pdqHash(picture);
  const { width, height } = picture;
  return { pixels: await pixelHash(picture), pdq, quality, sharpness: await sharpness(picture), width, height };
}

describe('duplicatesOf', () => {
  test('groups copies that were blurred or resized, and keeps the sharpest', async () => {
    const [one, other] = [await patches(1), await patches(2)];
    const smaller = await resizeImage(one, { width: 180, height: 150 });
    const photos = await Promise.all([await blurred(one), other, one, smaller, one].map(fingerprint));
    const [group, ...rest] = duplicatesOf(photos);
    expect(rest).toEqual([]);
    expect([group.keeper, ...group.others].sort()).toEqual([0, 2, 3, 4]);
    expect([2, 3]).toContain(group.keeper);
    expect(group.others.at(-1)).toBe(0);
  });

  test('finds equal pictures that have no structure, and no others of these', async () => {
    const plain = (value: number): Picture => ({
      width: 80,
      height: 80,
      data: new Uint8Array(80 * 80 * 3).fill(value),
    });
    const photos = await Promise.all([plain(9), plain(200), plain(9)].map(fingerprint));
    expect(duplicatesOf(photos)).toEqual([{ keeper: 0, others: [2] }]);
  });
});

describe('sharpness', () => {
  test('falls when a picture is blurred, and is 0 without any edges', async () => {
    const picture = await patches(3);
    expect(await sharpness(await blurred(picture))).toBeLessThan(0.5 * (await sharpness(picture)));
    expect(await sharpness({ width: 8, height: 8, data: new Uint8Array(192).fill(50) })).toBe(0);
    expect(await sharpness({ width: 1, height: 1, data: new Uint8Array(3) })).toBe(0);
  });
});
