import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { type ColorMode, decodeImage } from '../../src/images/index.js';
import golden from '../golden/imageFiles.json' with { type: 'json' };
import { digest, fileOf } from './files.js';

const modes: ColorMode[] = ['RGB', 'L', 'RGBA'];

describe('decodeImage', () => {
  test.each(Object.entries(golden))('gives the pixels of Pillow for %s', async (name, { size, pixels }) => {
    for (const [i, mode] of modes.entries()) {
      const image = await decodeImage(fileOf(name), { mode });
      expect([image.width, image.height]).toEqual(size);
      expect([mode, digest(image.data)]).toEqual([mode, pixels[i]]);
      expect(image.format).toBe(name.split('-')[0]);
      expect(image.data.constructor).toBe(Uint8Array);
    }
  });

  test('turns all eight orientations upright: the same picture but for the noise of JPEG', async () => {
    const [first, ...others] = await Promise.all(
      [1, 2, 3, 4].map((orientation) => decodeImage(fileOf(`jpeg-orientation-${orientation}`))),
    );
    expect(first.orientation).toBe(1);
    for (const other of others) expect(other).toMatchObject({ width: first.width, height: first.height });
    const sideways = await decodeImage(fileOf('jpeg-orientation-6'));
    expect(sideways).toMatchObject({ width: first.height, height: first.width, orientation: 6 });
  });

  test('takes an ArrayBuffer and a Blob as well', async () => {
    const file = fileOf('png-RGB');
    const expected = (await decodeImage(file)).data;
    expect((await decodeImage(file.slice().buffer)).data).toEqual(expected);
    expect((await decodeImage(new Blob([file.slice()]))).data).toEqual(expected);
  });

  test('lays transparent pixels over a background, if there is one', async () => {
    const file = fileOf('png-RGBA');
    const { data: rgba } = await decodeImage(file, { mode: 'RGBA' });
    const { data: plain } = await decodeImage(file);
    const { data: white } = await decodeImage(file, { background: [255, 255, 255] });
    const half = rgba.findIndex((alpha, i) => i % 4 === 3 && alpha > 0 && alpha < 255) - 3;
    const pixel = (half / 4) * 3;
    expect(plain[pixel]).toBe(rgba[half]);
    expect(Math.abs(white[pixel] - (rgba[half] * rgba[half + 3] + 255 * (255 - rgba[half + 3])) / 255)).toBeLessThan(1);
  });

  test('refuses a size above maxPixels by what the header says, in no time', async () => {
    await expect(decodeImage(fileOf('gif'), { maxPixels: 100 })).rejects.toThrow(
      'decodeImage: GIF: the header says 29 x 23 pixels (0.0 million), more than maxPixels = 100.',
    );
    const huge = fileOf('png-RGB').slice();
    new DataView(huge.buffer).setUint32(16, 14000);
    new DataView(huge.buffer).setUint32(20, 14000);
    await expect(decodeImage(huge)).rejects.toThrow('decodeImage: PNG: the'); // Its checksum is wrong as well.
  });

  test('refuses a canvas that would cost far more memory than the file is worth', async () => {
    const canvas = fileOf('webp-animated').slice();
    // 9000 x 9000 pixels, in three bytes each, less one.
    canvas.set([0x27, 0x23, 0, 0x27, 0x23, 0], 24);
    await expect(decodeImage(canvas)).rejects.toThrow('1932 bytes hold no picture of 9000 x 9000 pixels');
  });

  const truncatable = Object.keys(golden).filter((name) => /^(jpeg|png|gif|bmp|tiff-RGB)(?!-animated)/.test(name));

  test.each(truncatable)('refuses %s when its second half is missing, and fills it in on request', async (name) => {
    const whole = fileOf(name);
    // Directories of TIFF may lie at the end of the file.
    const cut = name.startsWith('tiff')
      ? whole.slice(0, whole.length - 8)
      : whole.slice(0, Math.ceil(whole.length * 0.8));
    const error = await decodeImage(cut).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    if (name.startsWith('tiff')) return;
    const { data, warnings } = await decodeImage(cut, { truncated: 'fill' });
    const { data: all } = await decodeImage(whole);
    expect(data.length).toBe(all.length);
    expect(warnings.join()).toContain('truncated');
  });

  test.each(['', 'GIF89', 'hello, world', '%PDF-1.4 and so on', '\0\0\0\x1cftypavif', '<svg xmlns="">'])(
    'refuses %j, which is no image, and says what it is where it can',
    async (text) => {
      const error = await decodeImage(Uint8Array.from(text, (c) => c.charCodeAt(0))).catch((e: unknown) => String(e));
      expect(error).toMatch(
        /^FormatError: decodeImage: the file is (empty|no image of a known format|an? (PDF|AVIF|SVG))/,
      );
    },
  );

  test('refuses options that make no sense', async () => {
    const file = fileOf('gif');
    await expect(decodeImage(file, { mode: 'BGR' as 'RGB' })).rejects.toThrow(
      "mode is BGR, but must be 'RGB', 'L' or 'RGBA'",
    );
    await expect(decodeImage(file, { maxPixels: 0 })).rejects.toThrow('maxPixels is 0');
    await expect(decodeImage(file, { truncated: 'no' as 'fill' })).rejects.toThrow("must be 'throw' or 'fill'");
    await expect(decodeImage(file, { background: [1, 2, 300] })).rejects.toThrow('background is [1,2,300]');
    await expect(decodeImage('photo.jpg' as unknown as Uint8Array)).rejects.toThrow(
      'readImage of stridenet/node takes a path',
    );
  });
});
