import { cropImage, type RgbImage, resizeImage } from '../../images/index.js';
import { fromHex } from './bits.js';
import { withoutBorder } from './border.js';
import { dihedralNames } from './dihedral.js';
import { pdqBits, pdqFrequencies } from './pdqHash.js';
import { phashBits, phashFrequencies } from './perceptualHash.js';
import { pixelHash } from './pixelHash.js';

/** The part of each side that the middle of a picture has. */
const MIDDLE = 0.9;
/** Larger pictures are made smaller first: hashes look at 64 x 64 pixels. */
const LARGEST = 512;
/** Bytes of SHA-256, of PDQ and of pHash. */
const [PIXELS, PDQ, PHASH] = [32, 32, 8];

/** Hashes of a part of a picture in each of the eight ways to turn and mirror it, the original first. */
export interface PartHashes {
  readonly quality: number;
  readonly pdq: readonly Uint8Array[];
  readonly phash: readonly Uint8Array[];
}

/** What a photograph is recognized by: its pixels, and hashes of all of it, of its middle, and of what is inside of its border if it has one. */
export interface Fingerprint {
  readonly pixels: Uint8Array;
  readonly parts: readonly PartHashes[];
}

/**
 * The fingerprint of a photograph. The middle is there because a copy that was cropped resembles the middle of the photograph more than all of it.
 */
export async function fingerprint(image: RgbImage): Promise<Fingerprint> {
  const small = await shrunk(image);
  const { width, height } = small;
  const inner = [width, height].map((size) => Math.max(1, Math.round(MIDDLE * size)));
  const [left, top] = [(width - inner[0]) >> 1, (height - inner[1]) >> 1];
  const middle = cropImage(small, { left, top, width: inner[0], height: inner[1] });
  const inside = withoutBorder(small);
  const parts: PartHashes[] = [];
  for (const part of [small, middle, ...(inside === null ? [] : [inside])]) parts.push(await hashesOf(part));
  return { pixels: fromHex(await pixelHash(image)), parts };
}

async function shrunk(image: RgbImage): Promise<RgbImage> {
  const most = Math.max(image.width, image.height) / LARGEST;
  if (most <= 1) return image;
  const [width, height] = [image.width, image.height].map((size) => Math.max(1, Math.round(size / most)));
  return resizeImage(image, { width, height, filter: 'bilinear' });
}

async function hashesOf(image: RgbImage): Promise<PartHashes> {
  const pdq = pdqFrequencies(image);
  const phash = await phashFrequencies(image);
  return {
    quality: pdq.quality,
    pdq: dihedralNames.map((how) => pdqBits(pdq, how)),
    phash: dihedralNames.map((how) => phashBits(phash, how)),
  };
}

/** What is kept of a fingerprint: the hash of the pixels, and for each part its quality, PDQ and pHash, not turned. */
export function writeFingerprint({ pixels, parts }: Fingerprint): Uint8Array {
  const size = 1 + PDQ + PHASH;
  const bytes = new Uint8Array(PIXELS + size * parts.length);
  bytes.set(pixels);
  for (const [i, { quality, pdq, phash }] of parts.entries()) {
    const at = PIXELS + size * i;
    bytes[at] = quality;
    bytes.set(pdq[0], at + 1);
    bytes.set(phash[0], at + 1 + PDQ);
  }
  return bytes;
}

/** The parts of a fingerprint that is kept. */
export function readParts(bytes: Uint8Array): { quality: number; pdq: Uint8Array; phash: Uint8Array }[] {
  const size = 1 + PDQ + PHASH;
  return Array.from({ length: (bytes.length - PIXELS) / size }, (_, i) => {
    const at = PIXELS + size * i;
    return {
      quality: bytes[at],
      pdq: bytes.subarray(at + 1, at + 1 + PDQ),
      phash: bytes.subarray(at + 1 + PDQ, at + size),
    };
  });
}
