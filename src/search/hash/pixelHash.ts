import { nodeModule } from '../../base/nodeModule.js';
import { checkImage, type RgbImage } from '../../images/image.js';

interface Crypto {
  createHash(name: 'sha256'): {
    update(data: string | Uint8Array): ReturnType<Crypto['createHash']>;
    digest(as: 'hex'): string;
  };
}

/**
 * SHA-256 of the size and the pixels of a picture, as 64 hexadecimal digits: the same for all files that decode to the same pixels, whatever their
 * format, EXIF data or name. Gray pictures count as RGB; alpha is left out.
 *
 * @example
 * await pixelHash(await decodeImage(bytes));
 */
export async function pixelHash(image: RgbImage): Promise<string> {
  const channels = checkImage('pixelHash', image);
  const { width, height } = image;
  const head = `${width}x${height}x3\0`;
  const pixels = channels === 3 ? bytesOf(image.data) : rgbOf(image, channels);
  const crypto = nodeModule<Crypto>('node:crypto');
  if (crypto !== undefined) return crypto.createHash('sha256').update(head).update(pixels).digest('hex');
  const [{ sha256 }, { bytesToHex }] = await Promise.all([
    import('@noble/hashes/sha2.js'),
    import('@noble/hashes/utils.js'),
  ]);
  return bytesToHex(sha256.create().update(new TextEncoder().encode(head)).update(pixels).digest());
}

function bytesOf({ buffer, byteOffset, length }: Uint8Array | Uint8ClampedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function rgbOf({ width, height, data }: RgbImage, channels: number): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) rgb[3 * p + c] = data[channels === 1 ? p : p * channels + c];
  }
  return rgb;
}
