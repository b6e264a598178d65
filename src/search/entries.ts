import type { Metadata } from './filter.js';
import { toHex } from './hash/bits.js';
import type { Entry } from './store/payloads.js';

/** What an index knows of its photographs, by their numbers. A number that was deleted is not used again until the index is compacted. */
export class Entries {
  readonly ids: string[] = [];
  readonly metadata: Metadata[] = [];
  /** See `writeFingerprint`; null where only a vector was given. */
  readonly hashes: (Uint8Array | null)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #byPixels = new Map<string, Set<number>>();

  /** Numbers that were given, deleted ones too. */
  get length(): number {
    return this.ids.length;
  }

  /** Photographs that there are. */
  get size(): number {
    return this.#numbers.size;
  }

  /** The number of an id; undefined where there is none. */
  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  isAlive(number: number): boolean {
    return this.#numbers.get(this.ids[number]) === number;
  }

  /** Adds an entry at the end; one of the same id is deleted. */
  put({ id, metadata, hashes }: Omit<Entry, 'row'>): number {
    this.delete(id);
    const number = this.ids.length;
    this.ids.push(id);
    this.metadata.push(metadata);
    this.hashes.push(hashes);
    this.#numbers.set(id, number);
    if (hashes !== null) {
      const key = pixelKey(hashes);
      const same = this.#byPixels.get(key);
      if (same === undefined) this.#byPixels.set(key, new Set([number]));
      else same.add(number);
    }
    return number;
  }

  delete(id: string): boolean {
    const number = this.#numbers.get(id);
    if (number === undefined) return false;
    this.#numbers.delete(id);
    const hashes = this.hashes[number];
    if (hashes !== null) this.#byPixels.get(pixelKey(hashes))?.delete(number);
    return true;
  }

  /** The photographs of the same pixels, by the hash of these. */
  withPixels(hashes: Uint8Array): readonly number[] {
    return [...(this.#byPixels.get(pixelKey(hashes)) ?? [])];
  }

  /** The numbers of all photographs, in the order in which they were added. */
  *alive(): Generator<number> {
    yield* this.#numbers.values();
  }
}

function pixelKey(hashes: Uint8Array): string {
  return toHex(hashes.subarray(0, 32));
}
