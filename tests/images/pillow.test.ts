import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { type ColorMode, decodeImage } from '../../src/images/index.js';
import golden from '../golden/images.json' with { type: 'json' };

type Golden = { error: string } | { mode: string; size: number[]; pixels: string[] };

const data = resolve(import.meta.dirname, '../../../shared/data');
const entries = Object.entries(golden as Record<string, Golden>);
const modes: ColorMode[] = ['RGB', 'L', 'RGBA'];
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Files that Pillow reads in another way, by mode; docs/photographs.md has the reasons. */
const exceptions: Record<string, string[]> = {
  'image-formats/pillow/bmp/g/pal4rle.bmp': ['RGB', 'L', 'RGBA'],
  'image-formats/pillow/1_trns.png': ['RGBA'],
  'image-formats/pngsuite/tbbn0g04.png': ['RGBA'],
  'image-formats/pngsuite/tbwn0g16.png': ['RGBA'],
};

describe.skipIf(!existsSync(data))('decodeImage on the files of ../shared', () => {
  const formats = entries.filter(([name]) => name.startsWith('image-formats/'));
  const decoded = formats.flatMap(([name, entry]) => ('pixels' in entry ? [{ name, entry }] : []));
  const refused = formats.flatMap(([name, entry]) => ('error' in entry ? [name] : []));

  test('there are files of both kinds', () => {
    expect(decoded.length).toBeGreaterThan(250);
    expect(refused.length).toBeGreaterThan(25);
  });

  test.each(decoded)('gives the pixels of Pillow for $name', async ({ name, entry }) => {
    const file = readFileSync(join(data, name));
    for (const [i, mode] of modes.entries()) {
      const { width, height, data: pixels } = await decodeImage(file, { mode });
      expect([width, height]).toEqual(entry.size);
      const isException = exceptions[name]?.includes(mode) ?? false;
      expect(sha(pixels) === entry.pixels[i], mode).toBe(!isException);
    }
  });

  test.each(refused)('refuses %s by name and reason, as Pillow does', async (name) => {
    const error = await decodeImage(readFileSync(join(data, name))).then(
      () => 'no error',
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect(String(error)).toMatch(/^FormatError: decodeImage: (JPEG|PNG|GIF|WebP|BMP|TIFF|the file)/);
  });

  // All of them with STRIDENET_DRAWS=8.
  const step = Math.max(1, 8 / Number(process.env.STRIDENET_DRAWS ?? 1));
  // Of these, one has restart intervals.
  const isPicked = (name: string, i: number): boolean => i % step < 1 || name.endsWith('/21399619_3e61e5bb6f.jpg');
  const photographs = entries.filter(([name], i) => !name.startsWith('image-formats/') && isPicked(name, i));

  test.each(photographs)('gives the pixels of Pillow for the photograph %s', async (name, entry) => {
    const { data: pixels } = await decodeImage(readFileSync(join(data, name)));
    expect(sha(pixels)).toBe((entry as { pixels: string[] }).pixels[0]);
  });
});
