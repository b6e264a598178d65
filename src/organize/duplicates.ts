import { differentBits, fromHex } from '../search/hash/bits.js';

/** What is compared to find copies. */
export interface Fingerprint {
  /** SHA-256 of the pixels. */
  readonly pixels: string;
  /** The PDQ hash, and the quality that PDQ gives it. */
  readonly pdq: string;
  readonly quality: number;
  readonly sharpness: number;
  readonly width: number;
  readonly height: number;
}

/** Photographs of which one is enough. */
export interface DuplicateGroup {
  /** The number of the sharpest; of equally sharp ones, the largest. */
  readonly keeper: number;
  /** The numbers of the others. */
  readonly others: readonly number[];
}

/** Bits in which PDQ hashes of one picture differ at most, as Meta recommends. */
const DISTANCE = 31;
/** Hashes of pictures with less structure than this fit too many others. */
const LEAST_QUALITY = 50;

/** Groups of photographs with the same pixels, or nearly the same picture. */
export function duplicatesOf(photos: readonly Fingerprint[]): DuplicateGroup[] {
  const groupOf = [...photos.keys()];
  const root = (n: number): number => {
    let at = n;
    while (groupOf[at] !== at) at = groupOf[at] = groupOf[groupOf[at]];
    return at;
  };
  const hashes = photos.map(({ pdq }) => fromHex(pdq));
  for (let a = 0; a < photos.length; a++) {
    for (let b = a + 1; b < photos.length; b++) {
      if (root(a) !== root(b) && areAlike(photos, hashes, a, b)) groupOf[root(b)] = root(a);
    }
  }
  const groups = new Map<number, number[]>();
  for (const n of photos.keys()) groups.set(root(n), [...(groups.get(root(n)) ?? []), n]);
  return [...groups.values()].filter((group) => group.length > 1).map((group) => withKeeper(photos, group));
}

function areAlike(photos: readonly Fingerprint[], hashes: readonly Uint8Array[], a: number, b: number): boolean {
  if (photos[a].pixels === photos[b].pixels) return true;
  const isTelling = photos[a].quality >= LEAST_QUALITY && photos[b].quality >= LEAST_QUALITY;
  return isTelling && differentBits(hashes[a], hashes[b]) <= DISTANCE;
}

function withKeeper(photos: readonly Fingerprint[], group: readonly number[]): DuplicateGroup {
  const size = (n: number): number => photos[n].width * photos[n].height;
  const [keeper, ...others] = [...group].sort(
    (a, b) => photos[b].sharpness - photos[a].sharpness || size(b) - size(a) || a - b,
  );
  return { keeper, others };
}
