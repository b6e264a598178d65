import { damaged } from '../source.js';

/** The picture of a WebP file, or the first frame of an animation. */
export interface WebpPicture {
  /** Of the canvas. */
  width: number;
  height: number;
  /** Where the picture lies on it. */
  left: number;
  top: number;
  frameWidth: number;
  frameHeight: number;
  /** A WebP file of this picture alone. */
  file: Uint8Array;
  hasAlpha: boolean;
  exif: Uint8Array | undefined;
}

interface Chunk {
  type: string;
  data: Uint8Array;
  /** With its header and padding. */
  whole: Uint8Array;
}

function* readChunks(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    if (at + 8 + length > bytes.length) throw damaged('WebP', `the file is truncated within its chunk '${type}'.`);
    yield {
      type,
      data: bytes.subarray(at + 8, at + 8 + length),
      whole: bytes.subarray(at, Math.min(end, bytes.length)),
    };
    at = end;
  }
}

const u24 = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);

/** Throws `FormatError` for files without a picture. */
export function readContainer(bytes: Uint8Array): WebpPicture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) throw damaged('WebP', 'the file is truncated within its header.');
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length)
    throw damaged('WebP', `the file is truncated: it has ${bytes.length} bytes, but says ${end}.`);
  const chunks = [...readChunks(bytes.subarray(12, end))];
  const extended = chunks[0]?.type === 'VP8X' ? chunks[0].data : undefined;
  if (extended !== undefined && extended.length < 10) throw damaged('WebP', 'its header is too short.');
  const exif = chunks.find(({ type }) => type === 'EXIF')?.data;
  const frame = chunks.find(({ type }) => type === 'ANMF')?.data;
  const isAnimated = extended !== undefined && (extended[0] & 2) !== 0 && frame !== undefined;
  if (isAnimated && frame.length < 16) throw damaged('WebP', 'its first frame is too short.');
  const parts = isAnimated ? [...readChunks(frame.subarray(16))] : chunks;
  const picture = parts.find(({ type }) => type === 'VP8 ' || type === 'VP8L');
  if (picture === undefined) throw damaged('WebP', 'the file holds no picture.');
  const alpha = picture.type === 'VP8 ' ? parts.find(({ type }) => type === 'ALPH') : undefined;
  const own = sizeOf(picture);
  const hasAlpha = extended === undefined ? own.hasAlpha : (extended[0] & 0x10) !== 0;
  const size =
    isAnimated || extended !== undefined
      ? { width: u24(extended as Uint8Array, 4) + 1, height: u24(extended as Uint8Array, 7) + 1 }
      : own;
  const [left, top] = isAnimated ? [2 * u24(frame, 0), 2 * u24(frame, 3)] : [0, 0];
  const frameSize = { frameWidth: own.width, frameHeight: own.height };
  return {
    width: size.width,
    height: size.height,
    ...frameSize,
    left,
    top,
    file: alone(picture, alpha, own),
    hasAlpha,
    exif,
  };
}

/** Width, height and alpha of the picture's own header. */
function sizeOf({ type, data }: Chunk): { width: number; height: number; hasAlpha: boolean } {
  if (data.length < 10) throw damaged('WebP', 'its picture is too short.');
  if (type === 'VP8L') {
    const bits = (data[1] | (data[2] << 8) | (data[3] << 16) | (data[4] << 24)) >>> 0;
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
  }
  const at = (i: number): number => (data[i] | (data[i + 1] << 8)) & 0x3fff;
  return { width: at(6), height: at(8), hasAlpha: false };
}

/** A file of one picture, with its alpha plane. */
function alone(
  picture: Chunk,
  alpha: Chunk | undefined,
  { width, height }: { width: number; height: number },
): Uint8Array {
  const parts = [picture.whole];
  if (alpha !== undefined) {
    const header = new Uint8Array(18);
    header.set(new TextEncoder().encode('VP8X'));
    header.set([10, 0, 0, 0, 0x10], 4);
    for (const [at, value] of [
      [12, width - 1],
      [15, height - 1],
    ]) {
      header.set([value & 255, (value >> 8) & 255, value >> 16], at);
    }
    parts.unshift(header, alpha.whole);
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const file = new Uint8Array(12 + length);
  file.set(new TextEncoder().encode('RIFF'));
  new DataView(file.buffer).setUint32(4, 4 + length, true);
  file.set(new TextEncoder().encode('WEBP'), 8);
  let at = 12;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
