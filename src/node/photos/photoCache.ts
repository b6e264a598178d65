import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from '../../io/crc32.js';
import type { PhotoPixels, PhotoPreparation } from './preparation.js';

/** Of what is written. Another decoder or another layout is another version: what an older one wrote is not found any more. */
const VERSION = 'stridenet photographs 1';
/** Checksum, width, height and channels, four bytes each, come before the pixels. */
const HEADER = 16;

/**
 * Photographs after decoding and scaling, in files of a folder. A file's name is the hash of the bytes that it was made of and of how, so it is
 * never out of date; it gets that name when it is complete, and holds a checksum. What is damaged or missing is made again.
 */
export class PhotoCache {
  /** What is being written: one name for each thread, so that killed programs leave no more than a few files. */
  readonly #beside: string;

  constructor(readonly folder: string) {
    this.#beside = join(folder, `.${randomBytes(6).toString('hex')}.part`);
  }

  /** What `make` makes of `bytes`, from the disk if it is there. A full or unwritable disk only costs time. */
  async get(bytes: Uint8Array, preparation: PhotoPreparation, make: () => Promise<PhotoPixels>): Promise<PhotoPixels> {
    const path = this.#pathOf(bytes, preparation);
    const kept = read(path);
    if (kept !== null) return kept;
    const photo = await make();
    this.#write(path, photo);
    return photo;
  }

  #pathOf(bytes: Uint8Array, { decode, filter, shortSide }: PhotoPreparation): string {
    const making = JSON.stringify([VERSION, decode, filter, shortSide]);
    const hash = createHash('sha256').update(making).update('\0').update(bytes).digest('hex');
    return join(this.folder, hash.slice(0, 2), `${hash.slice(2)}.pixels`);
  }

  #write(path: string, { width, height, channels, data }: PhotoPixels): void {
    const content = new Uint8Array(HEADER + data.length);
    const fields = new DataView(content.buffer);
    for (const [i, value] of [width, height, channels].entries()) fields.setUint32(4 + 4 * i, value, true);
    content.set(data, HEADER);
    fields.setUint32(0, crc32(content.subarray(4)), true);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(this.#beside, content);
      renameSync(this.#beside, path);
    } catch {
      this.#clear();
    }
  }

  #clear(): void {
    try {
      unlinkSync(this.#beside);
    } catch {
      // It was never there.
    }
  }
}

/** A photograph of the cache; null when it is not there, or damaged. */
function read(path: string): PhotoPixels | null {
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch {
    return null;
  }
  if (content.length < HEADER) return null;
  const fields = new DataView(content.buffer, content.byteOffset, content.length);
  const [width, height, channels] = [4, 8, 12].map((at) => fields.getUint32(at, true));
  const data = content.subarray(HEADER);
  if (data.length !== width * height * channels) return null;
  if (fields.getUint32(0, true) !== crc32(content.subarray(4))) return null;
  return { width, height, channels, data };
}
