import { zlibSync } from 'fflate';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { crc32 } from '../../io/crc32.js';
import { checkImage, type RgbImage } from '../image.js';

/** Options of `encodePng`. */
export interface EncodePngOptions {
  /** How hard to look for a shorter file, from 0 (not at all) to 9. Default 6. */
  level?: number | undefined;
}

const colorTypeOf: Record<number, number> = { 1: 0, 3: 2, 4: 6 };

/**
 * The image as a PNG file: gray, RGB or RGBA with 8 bits per value.
 *
 * @example
 * await writeFile('small.png', encodePng(small));
 */
export function encodePng(image: RgbImage, options: EncodePngOptions = {}): Uint8Array {
  checkOptions('encodePng', options, ['level']);
  const channels = checkImage('encodePng', image);
  const { level = 6 } = options;
  checkWhole('encodePng', 'level', level, 0);
  const { width, height, data } = image;
  const rowBytes = width * channels;
  const rows = new Uint8Array(height * (rowBytes + 1));
  for (let row = 0; row < height; row++) {
    const at = row * (rowBytes + 1);
    rows[at] = 2;
    for (let i = 0, from = row * rowBytes; i < rowBytes; i++, from++) {
      rows[at + 1 + i] = row === 0 ? data[from] : data[from] - data[from - rowBytes];
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, colorTypeOf[channels]], 8);
  const packed = zlibSync(rows, { level: Math.min(9, level) as 6 });
  const parts = [chunk('IHDR', header), chunk('IDAT', packed), chunk('IEND', new Uint8Array(0))];
  return join([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...parts]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
