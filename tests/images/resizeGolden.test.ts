import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Box, type ResizeFilter, resizeImage } from '../../src/images/index.js';

type Case = [number, number, number, number, number, ResizeFilter, number, string, Box?];

/** The picture that resize.py draws. */
function picture(channels: number, width: number, height: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: width * height * channels }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 16) & 255;
  });
}

// Any number of cases: python3 tests/golden/resize.py 10000 > cases.json; STRIDENET_RESIZE_CASES=cases.json npx vitest run tests/images/resizeGolden.test.ts
const file = process.env.STRIDENET_RESIZE_CASES ?? new URL('../golden/resize.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

test('resizeImage gives the bits of Pillow for sizes, filters and boxes at random', async () => {
  expect(cases.length).toBeGreaterThanOrEqual(400);
  const wrong: Case[] = [];
  for (const each of cases) {
    const [channels, w, h, width, height, filter, seed, digest, box] = each;
    const image = { width: w, height: h, channels, data: picture(channels, w, h, seed) };
    const { data } = await resizeImage(image, { width, height, filter, box });
    if (createHash('sha256').update(data).digest('hex').slice(0, 16) !== digest) wrong.push(each);
  }
  expect(wrong).toEqual([]);
});
