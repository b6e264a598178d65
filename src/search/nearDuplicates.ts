import { type Dihedral, dihedralNames } from './hash/dihedral.js';
import type { Fingerprint } from './hash/fingerprint.js';
import { readParts } from './hash/fingerprint.js';

/** What two pictures must not exceed to count as copies of each other. */
export interface NearDuplicateLimits {
  /** Different bits of PDQ, of 256. Default 64. */
  pdq?: number | undefined;
  /** Different bits of pHash, of 64, where PDQ is less sure. Default 6. */
  phash?: number | undefined;
}

/** A copy, and how it was changed. */
export interface NearDuplicate {
  readonly number: number;
  /** Different bits of PDQ, of 256: the least of all parts and turns. */
  readonly distance: number;
  /** How the photograph that was searched for has to be turned or mirrored to look like this one. */
  readonly turn: Dihedral;
}

/** Where pHash decides, PDQ may be off by so much. */
const LOOSE = 96;
/** Pictures with less detail look alike by chance, and must match much better. */
const PLAIN = { quality: 50, pdq: 24, phash: 2 };

/** Finds copies among hashes that are kept. Each part of one picture is compared with all of the other. */
export class NearDuplicateIndex {
  /** PDQ of parts, 8 words each, and pHash, 2 words each. */
  #pdq = new Int32Array(1024 * 8);
  #phash = new Int32Array(1024 * 2);
  #quality = new Uint8Array(1024);
  /** Whose part it is, and whether it is the middle. */
  #owner = new Int32Array(1024);
  #isMiddle = new Uint8Array(1024);
  #length = 0;

  /** Adds the hashes of photograph `number`, as `writeFingerprint` gives them. */
  add(number: number, hashes: Uint8Array): void {
    for (const [i, { quality, pdq, phash }] of readParts(hashes).entries()) {
      if (this.#length === this.#owner.length) this.#grow();
      const at = this.#length++;
      this.#pdq.set(wordsOf(pdq), 8 * at);
      this.#phash.set(wordsOf(phash), 2 * at);
      this.#quality[at] = quality;
      this.#owner[at] = number;
      this.#isMiddle[at] = i === 1 ? 1 : 0;
    }
  }

  /** All copies of a picture, the nearest first. `allows` tells which photographs count. */
  find(print: Fingerprint, limits: NearDuplicateLimits, allows: (number: number) => boolean): NearDuplicate[] {
    const { pdq: most = 64, phash: mostPhash = 6 } = limits;
    const queries = print.parts.flatMap(({ quality, pdq, phash }, i) =>
      pdq.map((bits, t) => ({ quality, isMiddle: i === 1, turn: t, pdq: wordsOf(bits), phash: wordsOf(phash[t]) })),
    );
    const nearest = new Map<number, { distance: number; turn: number }>();
    for (let at = 0; at < this.#length; at++) {
      for (const query of queries) {
        // The middles of both were cut off alike: they tell nothing that the whole pictures don't.
        if (query.isMiddle && this.#isMiddle[at] === 1) continue;
        const isPlain = Math.min(query.quality, this.#quality[at]) < PLAIN.quality;
        const [pdqMost, phashMost] = isPlain ? [PLAIN.pdq, PLAIN.phash] : [most, mostPhash];
        const least = isPlain ? PLAIN.pdq : Math.max(LOOSE, most);
        const distance = this.#distance(query.pdq, at, least);
        if (distance > least) continue;
        const isCopy =
          distance <= pdqMost && (!isPlain || this.#phashDistance(query.phash, at) <= phashMost)
            ? true
            : !isPlain && this.#phashDistance(query.phash, at) <= phashMost;
        if (!isCopy) continue;
        const owner = this.#owner[at];
        const known = nearest.get(owner);
        if (known === undefined ? allows(owner) : distance < known.distance) {
          nearest.set(owner, { distance, turn: query.turn });
        }
      }
    }
    return [...nearest]
      .map(([number, { distance, turn }]) => ({ number, distance, turn: dihedralNames[turn] }))
      .sort((a, b) => a.distance - b.distance || a.number - b.number);
  }

  /** Different bits; it stops counting beyond `most`. */
  #distance(query: Int32Array, at: number, most: number): number {
    const words = this.#pdq;
    let sum = 0;
    for (let i = 0; i < 8; i++) {
      sum += bitsOf(query[i] ^ words[8 * at + i]);
      if (sum > most) return sum;
    }
    return sum;
  }

  #phashDistance(query: Int32Array, at: number): number {
    return bitsOf(query[0] ^ this.#phash[2 * at]) + bitsOf(query[1] ^ this.#phash[2 * at + 1]);
  }

  #grow(): void {
    const grown = <T extends Int32Array | Uint8Array>(list: T): T => {
      const larger = new (list.constructor as new (length: number) => T)(2 * list.length);
      larger.set(list);
      return larger;
    };
    this.#pdq = grown(this.#pdq);
    this.#phash = grown(this.#phash);
    this.#quality = grown(this.#quality);
    this.#owner = grown(this.#owner);
    this.#isMiddle = grown(this.#isMiddle);
  }
}

function wordsOf(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
}

/** How many of 32 bits are set (Warren, Hacker's Delight, section 5-1). */
function bitsOf(x: number): number {
  let v = x - ((x >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
