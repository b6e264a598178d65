import { crc32c } from './crc32c.js';

/** Length (8 bytes), its checksum (4), and behind the content another (4). */
const HEADER = 12;
const FOOTER = 4;

/** Content as a record of a tfrecord file: little-endian length, masked CRC-32C of it, content, masked CRC-32C of that. */
export function tfrecord(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + content.length + FOOTER);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(content, HEADER);
  view.setUint32(HEADER + content.length, masked(crc32c(content)), true);
  return record;
}

/** The contents of the records up to the first that is cut off or damaged, each with the offset at which its record ends. */
export function* readTfrecords(bytes: Uint8Array): Generator<{ content: Uint8Array; end: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + HEADER + FOOTER <= bytes.length) {
    if (view.getUint32(at + 8, true) !== masked(crc32c(bytes.subarray(at, at + 8)))) return;
    const end = at + HEADER + Number(view.getBigUint64(at, true)) + FOOTER;
    if (end > bytes.length) return;
    const content = bytes.subarray(at + HEADER, end - FOOTER);
    if (view.getUint32(end - FOOTER, true) !== masked(crc32c(content))) return;
    yield { content, end };
    at = end;
  }
}

/** Rotated and shifted, so that the checksum of data which holds checksums is a good one still. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
