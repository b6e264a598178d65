import { FormatError } from '../tensor/errors.js';
import { ByteCursor } from './byteCursor.js';
import { crc32 } from './crc32.js';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const IN_ZIP64 = 0xffffffff;

interface ZipEntry {
  size: number;
  crc: number;
  /** Where the local header begins, or why the entry cannot be read. */
  header: number;
  fault: string | null;
}

/** True when bytes begin as zip files do. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The files in a zip archive that stores them as they are, without compression. That is how PyTorch writes checkpoints.
 *
 * Throws `FormatError` for an archive that is truncated or damaged; reading an entry that is compressed or encrypted,
 * or whose checksum differs, throws too.
 *
 * Source: PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16 and 4.5.3 (zip64).
 */
export class StoredZip {
  readonly #entries = new Map<string, ZipEntry>();
  #bytesRead = 0;

  constructor(readonly bytes: Uint8Array) {
    const { start, count } = findDirectory(bytes);
    const input = new ByteCursor(bytes, start, 'zip');
    for (let i = 0; i < count; i++) {
      const [name, entry] = readDirectoryEntry(input);
      if (this.#entries.has(name)) throw new FormatError(`zip: the entry ${name} stands twice in the archive.`);
      this.#entries.set(name, entry);
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The bytes of one file: a view of the archive, to be read once. Throws `FormatError` when there is none of that name. */
  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new FormatError(`zip: the archive has no entry ${name}. It is damaged.`);
    if (entry.fault !== null) throw new FormatError(`zip: the entry ${name} ${entry.fault}, which is not read here.`);
    const input = new ByteCursor(this.bytes, entry.header, `zip entry ${name}`);
    if (entry.header > this.bytes.length || input.u32() !== LOCAL) {
      throw new FormatError(`zip: the entry ${name} has no header at byte ${entry.header}. The file is damaged.`);
    }
    input.take(22);
    const nameBytes = input.u16();
    const extraBytes = input.u16();
    input.take(nameBytes + extraBytes);
    const content = input.take(entry.size);
    // Entries of an honest archive do not overlap, so that all together they are no longer than it.
    this.#bytesRead += entry.size;
    if (this.#bytesRead > this.bytes.length) throw new FormatError(`zip: the entry ${name} overlaps other entries.`);
    if (crc32(content) !== entry.crc) {
      throw new FormatError(`zip: the checksum of the entry ${name} differs from its bytes. The file is damaged.`);
    }
    return content;
  }
}

/** The end record lies at the end of the file, before a comment of up to 65,535 bytes. */
function findDirectory(bytes: Uint8Array): { start: number; count: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - END_BYTES;
  for (let at = last; at >= 0 && at >= last - 0xffff; at--) {
    if (view.getUint32(at, true) !== END || view.getUint16(at + 20, true) !== last - at) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    const locator = at - LOCATOR_BYTES;
    if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) return readEnd64(bytes, locator);
    return { start: checkOffset(start, bytes), count };
  }
  throw new FormatError('zip: the archive has no end record. The file is truncated or damaged.');
}

function readEnd64(bytes: Uint8Array, locator: number): { start: number; count: number } {
  const end = new ByteCursor(bytes, checkOffset(new ByteCursor(bytes, locator + 8, 'zip').u64(), bytes), 'zip');
  if (end.u32() !== END_64) throw new FormatError('zip: the zip64 end record is not where it should be.');
  end.take(28);
  const count = end.u64();
  end.u64();
  return { start: checkOffset(end.u64(), bytes), count };
}

function checkOffset(offset: number, bytes: Uint8Array): number {
  if (offset > bytes.length) {
    throw new FormatError(`zip: the offset ${offset} lies outside of the file of ${bytes.length} bytes.`);
  }
  return offset;
}

function readDirectoryEntry(input: ByteCursor): [string, ZipEntry] {
  if (input.u32() !== DIRECTORY)
    throw new FormatError(`zip: no directory entry before byte ${input.at}. The file is damaged.`);
  input.take(4);
  const flags = input.u16();
  const method = input.u16();
  input.take(4);
  const crc = input.u32();
  let packed = input.u32();
  let size = input.u32();
  const nameBytes = input.u16();
  const extraBytes = input.u16();
  const commentBytes = input.u16();
  input.take(8);
  let header = input.u32();
  const name = input.text(nameBytes);
  const extra = new ByteCursor(input.take(extraBytes), 0, 'zip');
  input.take(commentBytes);
  while (extra.bytes.length - extra.at >= 4) {
    const id = extra.u16();
    const field = new ByteCursor(extra.take(extra.u16()), 0, `zip entry ${name}`);
    if (id !== 1) continue;
    if (size === IN_ZIP64) size = field.u64();
    if (packed === IN_ZIP64) packed = field.u64();
    if (header === IN_ZIP64) header = field.u64();
  }
  let fault: string | null = null;
  if (flags & 1) fault = 'is encrypted';
  else if (method !== 0 || packed !== size) fault = `is compressed by method ${method}`;
  return [name, { size, crc, header, fault }];
}
