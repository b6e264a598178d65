import { damaged } from '../source.js';

/** The numbers of the tags that say how an image is stored. */
export const Tag = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  faxOptions: 292,
  predictor: 317,
  colorMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  jpegStream: 513,
  jpegStreamLength: 514,
  chromaSubsampling: 530,
} as const;

/** The first directory of a TIFF file. */
export interface Directory {
  isLittle: boolean;
  /** The numbers of a tag; empty where it is absent or holds something else. */
  numbers(tag: number): readonly number[];
  /** The bytes of a tag. */
  bytes(tag: number): Uint8Array | undefined;
}

/** Bytes of a value, by its type. */
const sizes: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
};

/** Throws `FormatError` when the file ends before its directory does. */
export function readDirectory(file: Uint8Array): Directory {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isLittle = file[0] === 0x49;
  const isBig = view.getUint16(2, isLittle) === 43;
  const u64 = (at: number): number => Number(view.getBigUint64(at, isLittle));
  const entryBytes = isBig ? 20 : 12;
  const inline = isBig ? 8 : 4;
  if (file.length < (isBig ? 16 : 8)) throw damaged('TIFF', 'the file is truncated within its header.');
  const at = isBig ? u64(8) : view.getUint32(4, isLittle);
  const first = at + (isBig ? 8 : 2);
  if (first > file.length) throw damaged('TIFF', 'the file is truncated: it ends before its directory begins.');
  const count = isBig ? u64(at) : view.getUint16(at, isLittle);
  const found = new Map<number, { type: number; count: number; data: Uint8Array }>();
  for (let i = 0; i < count; i++) {
    const entry = first + i * entryBytes;
    if (entry + entryBytes > file.length) break;
    const type = view.getUint16(entry + 2, isLittle);
    const values = isBig ? u64(entry + 4) : view.getUint32(entry + 4, isLittle);
    const size = values * (sizes[type] ?? 0);
    if (size === 0) continue;
    const stored = entry + (isBig ? 12 : 8);
    const from = size <= inline ? stored : isBig ? u64(stored) : view.getUint32(stored, isLittle);
    if (from + size > file.length) break;
    found.set(view.getUint16(entry, isLittle), { type, count: values, data: file.subarray(from, from + size) });
  }
  return {
    isLittle,
    bytes: (tag) => found.get(tag)?.data,
    numbers: (tag) => {
      const entry = found.get(tag);
      return entry === undefined ? [] : toNumbers(entry, isLittle);
    },
  };
}

function toNumbers(
  { type, count, data }: { type: number; count: number; data: Uint8Array },
  isLittle: boolean,
): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read: Record<number, (i: number) => number> = {
    1: (i) => data[i],
    3: (i) => view.getUint16(2 * i, isLittle),
    4: (i) => view.getUint32(4 * i, isLittle),
    8: (i) => view.getInt16(2 * i, isLittle),
    9: (i) => view.getInt32(4 * i, isLittle),
    16: (i) => Number(view.getBigUint64(8 * i, isLittle)),
  };
  return read[type] === undefined ? [] : Array.from({ length: count }, (_, i) => read[type](i));
}
