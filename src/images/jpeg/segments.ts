import { damaged } from '../source.js';

/** One marker of a JPEG file with what follows it, up to the next one. */
export interface Segment {
  /** The second byte of the marker. */
  marker: number;
  /** What the segment holds, after its length. */
  data: Uint8Array;
  /** Where the file goes on. */
  end: number;
}

export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;
export const DQT = 0xdb;
export const DHT = 0xc4;
export const DRI = 0xdd;

/** Whether a marker starts a frame: SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
export function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== 0xc8 && marker !== 0xcc;
}

function standsAlone(marker: number): boolean {
  return marker === SOI || marker === EOI || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/**
 * The segment at or after `at`; bytes that belong to none are skipped. Undefined at the end of the file.
 *
 * Throws `FormatError` for a segment that the file cuts off.
 */
export function nextSegment(bytes: Uint8Array, at: number): Segment | undefined {
  let i = at;
  for (;;) {
    i = bytes.indexOf(0xff, i);
    if (i < 0) return undefined;
    while (bytes[i] === 0xff) i++;
    if (i >= bytes.length) return undefined;
    const marker = bytes[i++];
    if (marker === 0) continue;
    if (standsAlone(marker)) return { marker, data: bytes.subarray(i, i), end: i };
    const length = i + 2 <= bytes.length ? (bytes[i] << 8) | bytes[i + 1] : 0;
    if (length < 2 || i + length > bytes.length) {
      throw damaged(
        'JPEG',
        `the file is truncated within its header, at byte ${i} (marker ff ${marker.toString(16)}).`,
      );
    }
    return { marker, data: bytes.subarray(i + 2, i + length), end: i + length };
  }
}
