import { createHash } from 'node:crypto';
import { decodeImage } from '../../images/decodeImage.js';
import { resizeImage } from '../../images/resize/resizeImage.js';
import { finishedPhoto, type PhotoPixels, type PhotoPreparation, shortSideScaled } from './preparation.js';

/** What is known of a photograph once it has been decoded. */
export interface PhotoMeasures {
  width: number;
  height: number;
  format: string;
  /** What the file holds, in Pillow's words. */
  fileMode: string;
  /** The EXIF orientation, 1 to 8; width and height are those after it was undone. */
  orientation: number;
  /** Whether all pixels are gray: red, green and blue equal. */
  isGray: boolean;
  fileBytes: number;
  /** SHA-256 of size and pixels: equal for the same picture in other files, where compression loses nothing. */
  pixelHash: string;
  /** 64 bits of which way brightness goes, as 16 hexadecimal digits. Pictures that look alike differ in few of them. */
  differenceHash: string;
}

/** Decodes a photograph once, and gives its measures and, as bytes [C, H, W], the image that it becomes. */
export async function measurePhoto(
  bytes: Uint8Array,
  preparation: PhotoPreparation,
): Promise<{ pixels: Uint8Array<ArrayBuffer>; measures: PhotoMeasures }> {
  const { width, height, channels, data, format, fileMode, orientation } = await decodeImage(bytes, preparation.decode);
  const photo: PhotoPixels = { width, height, channels, data };
  const measures: PhotoMeasures = {
    width,
    height,
    format,
    fileMode,
    orientation,
    isGray: isGray(photo),
    fileBytes: bytes.length,
    pixelHash: createHash('sha256').update(`${width}x${height}x${channels}\0`).update(data).digest('hex'),
    differenceHash: await differenceHash(photo),
  };
  const pixels = await finishedPhoto(await shortSideScaled(photo, preparation), preparation, null);
  return { pixels, measures };
}

function isGray({ data, channels }: PhotoPixels): boolean {
  if (channels < 3) return true;
  for (let i = 0; i < data.length; i += channels) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

/**
 * The picture in 9 x 8 gray pixels; each bit tells whether a pixel is brighter than the one to its left.
 *
 * Source: Krawetz 2013, "Kind of Like That" (dHash).
 */
async function differenceHash(photo: PhotoPixels): Promise<string> {
  const { data } = await resizeImage(photo, { width: 9, height: 8, filter: 'box' });
  const { channels } = photo;
  const gray = Array.from({ length: 72 }, (_, i) => {
    const at = i * channels;
    return channels < 3 ? data[at] : 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  });
  let hash = '';
  for (let row = 0; row < 8; row++) {
    let byte = 0;
    for (let k = 0; k < 8; k++) byte = 2 * byte + (gray[row * 9 + k + 1] > gray[row * 9 + k] ? 1 : 0);
    hash += byte.toString(16).padStart(2, '0');
  }
  return hash;
}
