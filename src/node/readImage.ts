import { checkOptions } from '../base/checkOptions.js';
import { DECODE_OPTIONS, type DecodeImageOptions, decodeImage } from '../images/decodeImage.js';
import type { DecodedImage } from '../images/image.js';
import { naming, readBytes } from './files.js';

/**
 * Reads a photograph from a file: JPEG, PNG, WebP, GIF, BMP or TIFF, told apart by content. See `decodeImage` of `stridenet/images` for what comes out, and for
 * the options.
 *
 * Throws `DataError` when the file cannot be read, `FormatError` with its name when it is damaged, too large or no image.
 *
 * @example
 * const photo = await readImage('photo.jpg'); // { width: 4000, height: 3000, channels: 3, data, ... }
 */
export async function readImage(path: string, options: DecodeImageOptions = {}): Promise<DecodedImage> {
  checkOptions('readImage', options, DECODE_OPTIONS);
  return naming(path, async () => decodeImage(await readBytes(path), options));
}
