import { ArgumentError } from '../base/errors.js';
import type { Picture } from '../classifier/picture.js';
import { hammingDistance, type PdqHash, pdqHash, pixelHash } from '../search/index.js';

/** What the list says of a photograph. */
export interface HashMatch {
  /** What the list says to do. */
  readonly action: 'allow' | 'block';
  /** The line of the list, from 1. */
  readonly line: number;
  /** 'pixels' for the same pixels, 'pdq' for nearly the same picture. */
  readonly kind: 'pixels' | 'pdq';
}

interface Entry extends HashMatch {
  readonly hash: string;
}

/** Bits in which PDQ hashes of one picture differ at most, as Meta recommends. */
const DISTANCE = 31;
/** Hashes of pictures with less structure than this fit too many others. */
const LEAST_QUALITY = 50;

/**
 * Pictures that are known: what is on the list is decided without looking further.
 *
 * Each line has a kind, a hash and an action, and whatever else you note: `pixels` (what `pixelHash` gives, for the very same pixels) or `pdq`
 * (what `pdqHash` gives, for pictures that were resized or compressed); `block` or `allow`. A # begins a remark.
 *
 * Throws `ArgumentError` for a line that makes no sense, with its number.
 */
export class HashList {
  readonly #entries: Entry[];

  constructor(text: string, name = 'hash list') {
    this.#entries = text.split(/\r?\n/).flatMap((line, i) => parseLine(line, i + 1, name));
  }

  /** How many pictures are on it. */
  get size(): number {
    return this.#entries.length;
  }

  /** What the list says of a picture: the same pixels count more than nearly the same, and 'block' more than 'allow'. */
  async match(picture: Picture): Promise<HashMatch | undefined> {
    if (this.#entries.length === 0) return undefined;
    const exact = await pixelHash(picture);
    let near: PdqHash | undefined;
    const found = this.#entries.filter(({ kind, hash }) => {
      if (kind === 'pixels') return hash === exact;
      near ??= pdqHash(picture);
      return near.quality >= LEAST_QUALITY && hammingDistance(hash, near.hash) <= DISTANCE;
    });
    const [first] = found.sort(
      (a, b) =>
        Number(b.kind === 'pixels') - Number(a.kind === 'pixels') ||
        Number(b.action === 'block') - Number(a.action === 'block'),
    );
    return first && { action: first.action, line: first.line, kind: first.kind };
  }
}

function parseLine(text: string, line: number, name: string): Entry[] {
  const [kind, hash, action] = text.replace(/#.*/, '').trim().split(/\s+/);
  if (kind === '') return [];
  if ((kind !== 'pixels' && kind !== 'pdq') || (action !== 'block' && action !== 'allow')) {
    throw new ArgumentError(
      `${name}, line ${line}: '${text.trim()}' must be 'pixels HASH block', 'pdq HASH block', or the same with allow.`,
    );
  }
  if (!/^[0-9a-f]{64}$/i.test(hash)) {
    throw new ArgumentError(`${name}, line ${line}: the hash '${hash}' must have 64 hexadecimal digits.`);
  }
  return [{ kind, hash: hash.toLowerCase(), action, line }];
}
