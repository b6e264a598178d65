import type { WebpModule } from '@jsquash/webp/codec/dec/webp_dec.js';
import { exifOrientation } from '../exif.js';
import type { Raster } from '../raster.js';
import { checkSize, damaged, type ReadOptions } from '../source.js';
import { wasmBytes } from '../wasm/wasmBytes.js';
import { readContainer, type WebpPicture } from './container.js';

/** Memory of WebAssembly never shrinks: after larger pictures, the next one gets a fresh decoder. */
const KEPT_PIXELS = 12e6;

/** libwebp takes its memory before it reads: a file of next to nothing must not cost a gigabyte. */
const MOST_PIXELS_PER_BYTE = 2000;

let program: Promise<WebAssembly.Module> | undefined;
let decoder: Promise<WebpModule> | undefined;

async function load(): Promise<WebpModule> {
  const [{ default: createModule }, compiled] = await Promise.all([
    import('@jsquash/webp/codec/dec/webp_dec.js'),
    (program ??= wasmBytes('webp').then((bytes) => WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>))),
  ]);
  return createModule({
    noInitialRun: true,
    instantiateWasm: (imports, done) => {
      WebAssembly.instantiate(compiled, imports).then(done);
      return {};
    },
  });
}

/**
 * Reads a WebP file by libwebp: lossy, lossless, with alpha; the first frame of an animation, on a transparent canvas.
 *
 * Source: RFC 9649.
 */
export async function readWebp(bytes: Uint8Array, { maxPixels }: ReadOptions): Promise<Raster> {
  const picture = readContainer(bytes);
  const { width, height, frameWidth, frameHeight, hasAlpha, exif } = picture;
  checkSize('WebP', width, height, maxPixels);
  checkSize('WebP', frameWidth, frameHeight, maxPixels);
  expectPlausible(picture.file.length, frameWidth, frameHeight);
  // A canvas takes as much as its pixels, however small the frame on it is.
  expectPlausible(bytes.length, width, height);
  const pixels = await decode(picture);
  const data = onCanvas(pixels, picture, hasAlpha ? 4 : 3);
  return {
    mode: hasAlpha ? 'RGBA' : 'RGB',
    width,
    height,
    data,
    orientation: exif === undefined ? 1 : exifOrientation(exif),
  };
}

function expectPlausible(bytes: number, width: number, height: number): void {
  if (width * height <= Math.max(16e6, bytes * MOST_PIXELS_PER_BYTE)) return;
  throw damaged('WebP', `${bytes} bytes hold no picture of ${width} x ${height} pixels.`);
}

/** The pixels of the picture, RGBA. */
async function decode({ file, frameWidth, frameHeight }: WebpPicture): Promise<Uint8ClampedArray> {
  const module = await (decoder ??= load());
  const isLarge = frameWidth * frameHeight > KEPT_PIXELS;
  if (isLarge) decoder = undefined;
  try {
    const decoded = module.decode(file);
    if (decoded !== null && decoded.width === frameWidth && decoded.height === frameHeight) return decoded.data;
  } catch {
    decoder = undefined;
  }
  throw damaged('WebP', 'the picture is damaged or truncated.');
}

function onCanvas(pixels: Uint8ClampedArray, picture: WebpPicture, channels: number): Uint8Array {
  const { width, height, left, top, frameWidth, frameHeight } = picture;
  if (left + frameWidth > width || top + frameHeight > height) {
    throw damaged(
      'WebP',
      `its first frame of ${frameWidth} x ${frameHeight} at (${left}, ${top}) sticks out of ${width} x ${height}.`,
    );
  }
  if (channels === 4 && pixels.length === width * height * 4)
    return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length);
  const y = new Uint8Array(width * height * channels);
  for (let row = 0; row < frameHeight; row++) {
    let from = row * frameWidth * 4;
    let at = ((top + row) * width + left) * channels;
    for (let i = 0; i < frameWidth; i++, from += 4) {
      for (let c = 0; c < channels; c++) y[at++] = pixels[from + c];
    }
  }
  return y;
}
