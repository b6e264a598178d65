import type { RgbImage } from '../../images/image.js';
import { resizeImage } from '../../images/index.js';
import { bitsAboveMedian, toHex } from './bits.js';
import { lowFrequencies } from './dct.js';
import { type Dihedral, turned } from './dihedral.js';

const SIDE = 32;
const COUNT = 8;

/** The 8 x 8 lowest frequencies of a picture, the constant one among them. */
export interface LowFrequencies {
  readonly values: Float32Array;
}

/**
 * The perceptual hash (pHash): 64 bits that change little when a picture is resized, compressed or toned. Each bit tells whether one of the 8 x 8
 * lowest frequencies of the gray picture of 32 x 32 pixels lies above their median. Pictures that look alike differ in about 10 bits at most, others in
 * 32 on average.
 *
 * Source: Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", in the variant of the Python library ImageHash
 * (`phash`): the same bits, up to ties of the median.
 *
 * @example
 * await perceptualHash(await decodeImage(bytes)); // 'd5c1b07c3a9c2f61'
 */
export async function perceptualHash(image: RgbImage): Promise<string> {
  return toHex(phashBits(await phashFrequencies(image), 'original'));
}

/** What `phashBits` makes hashes of. */
export async function phashFrequencies(image: RgbImage): Promise<LowFrequencies> {
  const gray = grayBytes(image);
  const { data } = await resizeImage(gray, { width: SIDE, height: SIDE, filter: 'lanczos' });
  return { values: lowFrequencies(Float32Array.from(data), SIDE, COUNT, 0) };
}

/** The hash of a picture that is turned or mirrored. */
export function phashBits({ values }: LowFrequencies, how: Dihedral): Uint8Array {
  return bitsAboveMedian(turned(values, COUNT, 0, how));
}

/** Pillow's gray bytes. */
function grayBytes({ width, height, data, channels = data.length / (width * height) }: RgbImage): RgbImage {
  if (channels === 1) return { width, height, data, channels };
  const gray = new Uint8Array(width * height);
  for (let p = 0, at = 0; p < gray.length; p++, at += channels) {
    gray[p] = (data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, data: gray, channels: 1 };
}
