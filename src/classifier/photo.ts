import { describeValue } from '../base/describeValue.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { nodeModule } from '../base/nodeModule.js';
import { decodeImage } from '../images/index.js';
import type { Picture } from './picture.js';

/** Pixels as a canvas gives them (RGBA), or as `decodeImage` does (RGB). */
export interface PixelSource {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Rows from the top, RGB or RGBA bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * What can be classified: the path of a file (in Node) or a URL (in browsers), the bytes of a file, a Blob, decoded pixels, ImageData, and
 * whatever a canvas can draw: a canvas, an image, a video, an ImageBitmap or a VideoFrame.
 */
export type Photo = string | URL | Uint8Array | ArrayBuffer | Blob | PixelSource | Drawable;

/** What a canvas can draw, by the sizes that these objects have. */
export type Drawable =
  | { readonly naturalWidth: number; readonly naturalHeight: number }
  | { readonly videoWidth: number; readonly videoHeight: number }
  | { readonly displayWidth: number; readonly displayHeight: number }
  | { readonly width: number; readonly height: number };

interface Files {
  readFile(path: string | URL): Promise<Uint8Array>;
}

/**
 * The pixels of a photograph, upright.
 *
 * Throws `DataError` when a file can't be read, `FormatError` when it holds no picture, `ArgumentError` for a value that is no photograph.
 */
export async function readPhoto(photo: Photo): Promise<Picture> {
  if (typeof photo === 'string' || photo instanceof URL) return readNamed(photo);
  if (photo instanceof Uint8Array) return decodeImage(photo);
  if (photo instanceof ArrayBuffer) return decodeImage(new Uint8Array(photo));
  if (isBlob(photo)) return decodeImage(new Uint8Array(await photo.arrayBuffer()));
  if (typeof photo !== 'object' || photo === null) throw noPhoto(photo);
  return 'data' in photo ? fromPixels(photo) : drawn(photo);
}

/** A photograph in a few words, for messages. */
export function nameOfPhoto(photo: Photo): string {
  return typeof photo === 'string' || photo instanceof URL ? String(photo) : describeValue(photo);
}

/** The bytes of a file: of a path in Node, of a URL elsewhere. Throws `DataError` with the path and the cause. */
export async function bytesOf(file: string | URL): Promise<Uint8Array> {
  const files = nodeModule<Files>('node:fs/promises');
  const isRemote = /^(https?|blob|data):/.test(String(file));
  if (files !== undefined && /^https?:/.test(String(file))) {
    throw new DataError(`reading ${file} failed: it is an address, and nothing is downloaded unasked. Pass the bytes.`);
  }
  try {
    if (files !== undefined && !isRemote) {
      const { buffer, byteOffset, byteLength } = await files.readFile(file);
      return new Uint8Array(buffer, byteOffset, byteLength);
    }
    const response = await fetch(file);
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new DataError(`reading ${file} failed: ${(cause as Error).message}.`, { cause });
  }
}

async function readNamed(file: string | URL): Promise<Picture> {
  const bytes = await bytesOf(file);
  try {
    return await decodeImage(bytes);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw Object.assign(cause, { message: `${file}: ${cause.message}` });
  }
}

function fromPixels({ width, height, data }: PixelSource): Picture {
  const pixels = width * height;
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const channels = isBytes ? data.length / pixels : Number.NaN;
  if (!(pixels > 0) || ![1, 3, 4].includes(channels)) {
    throw new ArgumentError(
      `classify: the pixels are ${describeValue(data)} for ${width} x ${height}, but must be bytes: 3 per pixel (RGB), 4 (RGBA) or 1 (gray).`,
    );
  }
  if (channels === 3) return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[channels === 4 ? 4 * i + c : i];
  }
  return { width, height, data: rgb };
}

interface Canvas {
  getContext(
    kind: '2d',
    options: { willReadFrequently: boolean },
  ): {
    drawImage(source: unknown, x: number, y: number, width: number, height: number): void;
    getImageData(x: number, y: number, width: number, height: number): PixelSource;
  } | null;
}

function drawn(source: Drawable): Picture {
  const { OffscreenCanvas: Offscreen } = globalThis as unknown as {
    OffscreenCanvas?: (new (width: number, height: number) => Canvas) | undefined;
  };
  const [width, height] = sizeOfDrawable(source);
  if (Offscreen === undefined || !(width > 0 && height > 0)) throw noPhoto(source);
  const context = new Offscreen(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw noPhoto(source);
  context.drawImage(source, 0, 0, width, height);
  return fromPixels(context.getImageData(0, 0, width, height));
}

function sizeOfDrawable(source: Drawable): [number, number] {
  if ('naturalWidth' in source) return [source.naturalWidth, source.naturalHeight];
  if ('videoWidth' in source) return [source.videoWidth, source.videoHeight];
  if ('displayWidth' in source) return [source.displayWidth, source.displayHeight];
  return [source.width, source.height];
}

function noPhoto(value: unknown): ArgumentError {
  return new ArgumentError(
    `classify: the photo is ${describeValue(value)}, but must be a path, the bytes of a file, a Blob, pixels { width, height, data }, or something that a canvas can draw.`,
  );
}

function isBlob(value: unknown): value is Blob {
  return typeof Blob !== 'undefined' && value instanceof Blob;
}
