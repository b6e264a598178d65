import { describe, expect, test } from 'vitest';
import { resizeImage } from '../../src/images/index.js';

const gray = (width: number, height: number, ...data: number[]) => ({ width, height, data: Uint8Array.from(data) });

describe('resizeImage', () => {
  test('averages two by two pixels with the box filter', async () => {
    const { data } = await resizeImage(gray(4, 2, 0, 10, 100, 200, 20, 30, 100, 0), {
      width: 2,
      height: 1,
      filter: 'box',
    });
    expect([...data]).toEqual([15, 100]);
  });

  test('takes the pixel under the middle with the nearest filter', async () => {
    const { data } = await resizeImage(gray(4, 1, 1, 2, 3, 4), { width: 2, height: 1, filter: 'nearest' });
    expect([...data]).toEqual([2, 4]);
  });

  test('keeps the aspect ratio for a short side, a single side and a fit', async () => {
    const photo = gray(400, 300, ...new Array(400 * 300).fill(7));
    expect(await resizeImage(photo, { shortSide: 256 })).toMatchObject({ width: 341, height: 256 });
    expect(await resizeImage(photo, { width: 200 })).toMatchObject({ width: 200, height: 150 });
    expect(await resizeImage(photo, { width: 100, height: 100, mode: 'fit' })).toMatchObject({
      width: 100,
      height: 75,
    });
  });

  test('cuts both sides off for a crop', async () => {
    const { data } = await resizeImage(gray(4, 2, 9, 1, 2, 9, 9, 3, 4, 9), { width: 2, height: 2, mode: 'crop' });
    expect([...data]).toEqual([1, 2, 3, 4]);
  });

  test('gives transparent pixels no weight', async () => {
    const image = { width: 2, height: 1, data: Uint8Array.of(200, 0, 0, 255, 0, 255, 0, 0) };
    const { data } = await resizeImage(image, { width: 1, height: 1, filter: 'box' });
    expect([...data]).toEqual([199, 0, 0, 128]);
  });

  test('refuses what makes no sense, and says what would', async () => {
    const image = gray(2, 2, 1, 2, 3, 4);
    await expect(resizeImage(image, {})).rejects.toThrow('there is no size. Pass width and height, or shortSide.');
    await expect(resizeImage(image, { width: 0, height: 1 })).rejects.toThrow(
      'width is 0, but must be a whole number >= 1',
    );
    await expect(resizeImage(image, { width: 1, filter: 'cubic' as 'bicubic' })).rejects.toThrow(
      "there is no filter 'cubic'. The filters are nearest, box, bilinear",
    );
    await expect(resizeImage({ ...image, width: 3 }, { width: 1 })).rejects.toThrow(
      '4 bytes do not fill an image of 3 x 2',
    );
    await expect(resizeImage(image, { width: 1, box: [0, 0, 3, 1] })).rejects.toThrow('inside of 2 x 2');
  });
});
