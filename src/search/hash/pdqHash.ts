import type { RgbImage } from '../../images/image.js';
import { lowerMedian, toHex } from './bits.js';
import { lowFrequencies } from './dct.js';
import { type Dihedral, dihedralNames, turned } from './dihedral.js';
import { shrunk } from './jarosz.js';
import { luma } from './luma.js';

const SIDE = 64;
const COUNT = 16;
/** Smaller pictures have no hash. */
const LEAST = 5;

/** A hash of PDQ. */
export interface PdqHash {
  /** 256 bits, 64 hexadecimal digits. */
  readonly hash: string;
  /** How much detail the picture has, 0 to 100. Hashes below 50 say little: plain pictures look alike. */
  readonly quality: number;
}

/** What `pdqBits` makes hashes of. */
export interface PdqFrequencies {
  /** [16, 16]: frequencies 1 to 16. */
  readonly values: Float32Array;
  readonly quality: number;
}

/**
 * Meta's PDQ hash: 256 bits that change little when a picture is resized, compressed, blurred or toned. Hashes of the same picture differ in up to 31 bits,
 * those of others in 128 on average.
 *
 * Source: Davis and Rosen 2019, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm". The bits are those of the C++
 * implementation for the same pixels, which are not resized before.
 *
 * @example
 * const { hash, quality } = pdqHash(await decodeImage(bytes));
 */
export function pdqHash(image: RgbImage): PdqHash {
  const found = pdqFrequencies(image);
  return { hash: toHex(pdqBits(found, 'original')), quality: found.quality };
}

/**
 * The PDQ hashes of a picture in all eight ways to turn and mirror it, from one look at its pixels. A mirrored copy of a picture is found by comparing
 * these with the hash of the picture.
 */
export function pdqHashes(image: RgbImage): Record<Dihedral, string> & { quality: number } {
  const found = pdqFrequencies(image);
  const hashes = dihedralNames.map((how) => [how, toHex(pdqBits(found, how))]);
  return { ...(Object.fromEntries(hashes) as Record<Dihedral, string>), quality: found.quality };
}

export function pdqFrequencies(image: RgbImage): PdqFrequencies {
  const { width, height } = image;
  const gray = luma('pdqHash', image);
  if (width < LEAST || height < LEAST) return { values: new Float32Array(COUNT * COUNT), quality: 0 };
  const small = width === SIDE && height === SIDE ? gray : shrunk(gray, width, height, SIDE);
  return { values: lowFrequencies(small, SIDE, COUNT, 1), quality: qualityOf(small) };
}

/** The hash of a picture that is turned or mirrored: the last frequency is the highest bit. */
export function pdqBits({ values }: PdqFrequencies, how: Dihedral): Uint8Array {
  const y = turned(values, COUNT, 1, how);
  const median = lowerMedian(y);
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 256; i++) if (y[i] > median) bytes[31 - (i >> 3)] |= 1 << (i & 7);
  return bytes;
}

/** The sum of the differences between neighbors that are large enough to count, scaled. */
function qualityOf(x: Float32Array): number {
  let sum = 0;
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const at = row * SIDE + column;
      if (row < SIDE - 1) sum += step(x[at], x[at + SIDE]);
      if (column < SIDE - 1) sum += step(x[at], x[at + 1]);
    }
  }
  return Math.min(100, Math.trunc(sum / 90));
}

function step(a: number, b: number): number {
  const round = Math.fround;
  return Math.abs(Math.trunc(round(round(round(a - b) * 100) / 255)));
}
