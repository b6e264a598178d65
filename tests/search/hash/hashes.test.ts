import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hammingDistance, toHex } from '../../../src/search/hash/bits.js';
import type { dihedralNames } from '../../../src/search/hash/dihedral.js';
import { pdqHash, pdqHashes } from '../../../src/search/hash/pdqHash.js';
import { perceptualHash, phashBits, phashFrequencies } from '../../../src/search/hash/perceptualHash.js';
import { pixelHash } from '../../../src/search/hash/pixelHash.js';
import { drawnPicture } from '../../../testing/drawnPicture.js';

interface Case {
  width: number;
  height: number;
  seed: number;
  phash: string;
  pdq: string;
  quality: number;
}

const golden: Case[] = JSON.parse(readFileSync(new URL('../../golden/photoHashes.json', import.meta.url), 'utf8'));

type Picture = ReturnType<typeof drawnPicture>;

/** Pixel (x, y) of the result is the pixel of `picture` that `from` names. */
function moved(picture: Picture, swaps: boolean, from: (x: number, y: number) => [number, number]): Picture {
  const [width, height] = swaps ? [picture.height, picture.width] : [picture.width, picture.height];
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = from(x, y);
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = picture.data[3 * (v * picture.width + u) + c];
    }
  }
  return { width, height, data };
}

/** Waves of 16 x 16 frequencies, weaker the shorter they are, as in photographs; without any symmetry. */
function smoothPicture(width: number, height: number): Picture {
  const data = new Uint8Array(3 * width * height);
  const waves = (size: number, phase: number): Float64Array[] =>
    Array.from({ length: 18 }, (_, k) =>
      Float64Array.from({ length: size }, (_, i) => Math.cos((Math.PI * k * i) / size + phase * k * k)),
    );
  const [across, down] = [waves(width, 0.7), waves(height, 1.9)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let u = 1; u < 18; u++) {
        for (let v = 1; v < 18; v++) sum += (across[u][x] * down[v][y] * Math.cos(u * 7 + v * 13)) / (u + v);
      }
      for (let c = 0; c < 3; c++) data[at++] = Math.max(0, Math.min(255, 128 + 60 * sum));
    }
  }
  return { width, height, data };
}

describe('golden values', () => {
  test.each(golden)(
    'pdqHash and perceptualHash of $width x $height pixels are bit-equal to the oracle',
    async (each) => {
      const picture = drawnPicture(each.width, each.height, each.seed);
      expect(pdqHash(picture)).toEqual({ hash: each.pdq, quality: each.quality });
      expect(await perceptualHash(picture)).toBe(each.phash);
    },
  );
});

describe('turned and mirrored pictures', () => {
  const picture = smoothPicture(640, 384);
  const { width: w, height: h } = picture;
  const turns: [(typeof dihedralNames)[number], boolean, (x: number, y: number) => [number, number]][] = [
    ['rotate90', true, (x, y) => [w - 1 - y, x]],
    ['rotate180', false, (x, y) => [w - 1 - x, h - 1 - y]],
    ['rotate270', true, (x, y) => [y, h - 1 - x]],
    ['flipX', false, (x, y) => [x, h - 1 - y]],
    ['flipY', false, (x, y) => [w - 1 - x, y]],
    ['flipPlus1', true, (x, y) => [y, x]],
    ['flipMinus1', true, (x, y) => [w - 1 - y, h - 1 - x]],
  ];

  test.each(turns)('the hashes for %s are near those of the turned pixels', async (how, swaps, from) => {
    const real = moved(picture, swaps, from);
    expect(hammingDistance(pdqHashes(picture)[how], pdqHash(real).hash)).toBeLessThanOrEqual(16);
    const frequencies = await phashFrequencies(picture);
    expect(hammingDistance(toHex(phashBits(frequencies, how)), await perceptualHash(real))).toBeLessThanOrEqual(6);
    expect(hammingDistance(pdqHashes(picture).original, pdqHash(real).hash)).toBeGreaterThan(60);
  });
});

describe('pixelHash', () => {
  test('tells size and pixels, and not channels that say nothing', async () => {
    const gray = { width: 2, height: 2, data: Uint8Array.of(1, 2, 3, 4) };
    const rgb = { width: 2, height: 2, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4) };
    const rgba = { width: 2, height: 2, data: Uint8Array.of(1, 1, 1, 9, 2, 2, 2, 9, 3, 3, 3, 9, 4, 4, 4, 9) };
    expect(await pixelHash(gray)).toBe(await pixelHash(rgb));
    expect(await pixelHash(rgba)).toBe(await pixelHash(rgb));
    expect(await pixelHash({ ...rgb, width: 4, height: 1 })).not.toBe(await pixelHash(rgb));
    expect(await pixelHash(rgb)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('edges', () => {
  test('a picture of fewer than five pixels has no hash, and says so by its quality', () => {
    expect(pdqHash({ width: 4, height: 9, data: new Uint8Array(108) })).toEqual({ hash: '0'.repeat(64), quality: 0 });
  });

  test('hammingDistance counts bits and refuses what is no hash', () => {
    expect(hammingDistance('ff00', 'fe01')).toBe(2);
    expect(() => hammingDistance('ff', 'ff00')).toThrow('one hash has 8 bits, the other 16');
    expect(() => hammingDistance('fz', 'ff')).toThrow("'fz' is no hash");
  });
});
