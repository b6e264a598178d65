import { FormatError } from '../base/errors.js';
import { ByteCursor } from './byteCursor.js';
import { type ByteSource, readAt, sourceOf } from './byteSource.js';
import { crc32 } from './crc32.js';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const LOCAL_BYTES = 30;
/** The directory of an honest archive has some hundred bytes an entry. */
const LARGEST_DIRECTORY = 2 ** 28;
const IN_ZIP64 = 0xffffffff;

interface ZipEntry {
  size: number;
  /** As stored, after compression. */
  packed: number;
  crc: number;
  /** Where the local header begins, or why the entry cannot be read. */
  header: number;
  fault: string | null;
}

/** True when bytes begin as zip files do. */
export function isZip(source: ByteSource): boolean {
  if (source.length < 4) return false;
  const [p, k, three, four] = source.read(0, 4);
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
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
  readonly #source: ByteSource;

  constructor(archive: Uint8Array | ByteSource) {
    this.#source = archive instanceof Uint8Array ? sourceOf(archive) : archive;
    const { start, end, count } = findDirectory(this.#source);
    if (end - start > LARGEST_DIRECTORY) {
      throw new FormatError(`zip: the directory would have ${end - start} bytes. The file is damaged.`);
    }
    const input = new ByteCursor(readAt(this.#source, start, end - start, 'zip'), 0, 'zip');
    for (let i = 0; i < count; i++) {
      const [name, entry] = readDirectoryEntry(input);
      if (this.#entries.has(name)) throw new FormatError(`zip: the entry ${name} stands twice in the archive.`);
      this.#entries.set(name, entry);
    }
    // Otherwise entries that share bytes could make a small file large.
    let covered = 0;
    for (const entry of [...this.#entries.values()].sort((a, b) => a.header - b.header)) {
      if (entry.header < covered) entry.fault = 'overlaps other entries';
      covered = entry.header + LOCAL_BYTES + entry.packed;
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The bytes of one file: a view of the archive where that lies in memory. Throws `FormatError` when there is none of that name. */
  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new FormatError(`zip: the archive has no entry ${name}. It is damaged.`);
    if (entry.fault !== null) throw new FormatError(`zip: the entry ${name} ${entry.fault}, which is not read here.`);
    const who = `zip entry ${name}`;
    const input = new ByteCursor(readAt(this.#source, entry.header, LOCAL_BYTES, who), 0, who);
    if (input.u32() !== LOCAL) {
      throw new FormatError(`zip: the entry ${name} has no header at byte ${entry.header}. The file is damaged.`);
    }
    input.take(22);
    const nameBytes = input.u16();
    const extraBytes = input.u16();
    const content = readAt(this.#source, entry.header + LOCAL_BYTES + nameBytes + extraBytes, entry.size, who);
    if (crc32(content) !== entry.crc) {
      throw new FormatError(`zip: the checksum of the entry ${name} differs from its bytes. The file is damaged.`);
    }
    return content;
  }
}

/** The end record lies at the end of the file, before a comment of up to 65,535 bytes. The directory ends before it at the latest. */
function findDirectory(source: ByteSource): { start: number; end: number; count: number } {
  const begin = Math.max(0, source.length - END_BYTES - 0xffff - LOCATOR_BYTES);
  const tail = source.read(begin, source.length);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const last = tail.length - END_BYTES;
  for (let at = last; at >= 0; at--) {
    if (view.getUint32(at, true) !== END || view.getUint16(at + 20, true) !== last - at) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    const locator = at - LOCATOR_BYTES;
    if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
      return readEnd64(source, new ByteCursor(tail, locator + 8, 'zip').u64());
    }
    return { start: checkOffset(start, begin + at), end: begin + at, count };
  }
  throw new FormatError('zip: the archive has no end record. The file is truncated or damaged.');
}

function readEnd64(source: ByteSource, at: number): { start: number; end: number; count: number } {
  const end = new ByteCursor(readAt(source, at, 56, 'zip'), 0, 'zip');
  if (end.u32() !== END_64) throw new FormatError('zip: the zip64 end record is not where it should be.');
  end.take(28);
  const count = end.u64();
  end.u64();
  return { start: checkOffset(end.u64(), at), end: at, count };
}

function checkOffset(offset: number, end: number): number {
  if (offset > end) throw new FormatError(`zip: the offset ${offset} lies behind the directory's end at ${end}.`);
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
  return [name, { size, packed, crc, header, fault }];
}
