import { crc32 } from '../../io/crc32.js';
import { damaged } from '../source.js';

/** One chunk of a PNG file. */
export interface Chunk {
  type: string;
  data: Uint8Array;
  /** Whether the file holds all of the data. */
  isWhole: boolean;
  /** Whether the checksum is there and right. */
  isSound: boolean;
}

/** The chunks of a PNG file one after the other, up to IEND or the end of the file. Throws `FormatError` for a type that is none. */
export function* readChunks(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z0-9]{4}$/.test(type)) throw damaged('PNG', `there is no chunk at byte ${at}, where one must begin.`);
    const end = at + 8 + length;
    const data = bytes.subarray(at + 8, end);
    const isWhole = end <= bytes.length;
    const isSound = end + 4 <= bytes.length && crc32(bytes.subarray(at + 4, end)) === view.getUint32(end);
    yield { type, data, isWhole, isSound };
    if (type === 'IEND' || !isWhole) return;
    at = end + 4;
  }
}
