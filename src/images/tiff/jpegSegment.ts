import { decodeJpeg } from '../jpeg/decodeJpeg.js';
import { damaged, type ReadOptions } from '../source.js';

/** Adobe's marker, which says how colors are coded: files inside of TIFF lack it. */
function colorMarker(isYcc: boolean): number[] {
  return [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, isYcc ? 1 : 0];
}

/**
 * Decodes a strip or tile that is a JPEG stream, whose tables may be kept once for all in `tables`.
 *
 * Source: Adobe Photoshop TIFF technical notes (TTN2).
 */
export async function decodeJpegSegment(
  packed: Uint8Array,
  tables: Uint8Array | undefined,
  isYcc: boolean,
  options: ReadOptions,
): Promise<{ width: number; height: number; channels: number; data: Uint8Array; warnings: string[] }> {
  if (packed[0] !== 0xff || packed[1] !== 0xd8)
    throw damaged('TIFF', 'a strip or tile is no JPEG stream, though the file says so.');
  const shared = tables === undefined ? [] : tables.subarray(2, tables.length - 2);
  const marker = colorMarker(isYcc);
  const stream = new Uint8Array(2 + shared.length + marker.length + packed.length - 2);
  stream.set([0xff, 0xd8]);
  stream.set(shared, 2);
  stream.set(marker, 2 + shared.length);
  stream.set(packed.subarray(2), 2 + shared.length + marker.length);
  const { header, channels, data, warnings } = await decodeJpeg(stream, options);
  return { width: header.frame.width, height: header.frame.height, channels, data, warnings };
}
