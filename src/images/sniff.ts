import { FormatError } from '../base/errors.js';
import type { ImageFormat } from './image.js';

/** Characters, one for each byte, that a file has from `at` on. */
type Mark = readonly [at: number, characters: string];

/** Not as a literal: a minifier would write it as text, which a page that doesn't name its encoding reads as other characters. */
const characters = String.fromCharCode;

const formats: [format: ImageFormat, ...marks: Mark[]][] = [
  ['jpeg', [0, characters(0xff, 0xd8, 0xff)]],
  ['png', [0, `${characters(0x89)}PNG\r\n\x1a\n`]],
  ['gif', [0, 'GIF87a']],
  ['gif', [0, 'GIF89a']],
  ['webp', [0, 'RIFF'], [8, 'WEBP']],
  ['bmp', [0, 'BM']],
  ['tiff', [0, 'II*\0']],
  ['tiff', [0, 'MM\0*']],
  ['tiff', [0, 'II+\0']],
  ['tiff', [0, 'MM\0+']],
];

/** Formats that people have and this library does not read. */
const strangers: [name: string, ...marks: Mark[]][] = [
  ['an AVIF image', [4, 'ftypavi']],
  ['a HEIF (HEIC) image', [4, 'ftyphei']],
  ['a HEIF (HEIC) image', [4, 'ftypmif']],
  ['a JPEG 2000 image', [0, '\0\0\0\x0cjP']],
  ['a JPEG 2000 image', [0, characters(0xff, 0x4f, 0xff, 0x51)]],
  ['a JPEG XL image', [0, characters(0xff, 0x0a)]],
  ['a JPEG XL image', [4, 'JXL ']],
  ['a Photoshop document', [0, '8BPS']],
  ['a PDF document', [0, '%PDF']],
  ['an icon', [0, '\0\0\x01\0']],
  ['an SVG image', [0, '<svg']],
  ['an XML document', [0, '<?xml']],
  ['a web page', [0, '<!DOCTYPE']],
  ['a web page', [0, '<html']],
  ['a zip archive', [0, 'PK\x03\x04']],
];

/**
 * The format of a file by its content; names and media types don't count.
 *
 * Throws `FormatError` for all others, which says what they are where that is known.
 */
export function sniff(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new FormatError('decodeImage: the file is empty.');
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const fits = ([, ...marks]: readonly [string, ...Mark[]]): boolean =>
    marks.every(([at, characters]) => start.startsWith(characters, at));
  const format = formats.find(fits)?.[0];
  if (format !== undefined) return format;
  const name = strangers.find(fits)?.[0];
  const first = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const what = name ?? `no image of a known format (it starts with the bytes ${first})`;
  throw new FormatError(
    `decodeImage: the file is ${what}. Convert it to JPEG, PNG, WebP, GIF, BMP or TIFF to read it here.`,
  );
}
