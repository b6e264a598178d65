import type { JpegHeader } from '../header.js';
import { type HuffmanTable, readHuffmanTables } from '../own/huffman.js';
import { type Blocks, makeBlocks } from '../own/planes.js';
import { ZIGZAG } from '../own/zigzag.js';
import { DHT, DQT, DRI, isFrame, nextSegment, SOS } from '../segments.js';

/** What the program needs to know of a file. */
export interface Plan {
  blocks: Omit<Blocks, 'planes'> & { planes: Omit<Blocks['planes'][number], 'coefficients'>[] };
  /** For each color: its Huffman tables, and the steps of its coefficients in the order of the file. */
  colors: { dc: HuffmanTable; ac: HuffmanTable; steps: Uint8Array }[];
  restartInterval: number;
  /** Where the data of the scan begin. */
  scan: number;
}

/** The files that phones and cameras make: baseline, three colors in one scan, full size or half. Undefined for others. */
export function planOf(bytes: Uint8Array, { frame, isJfif, adobeTransform }: JpegHeader): Plan | undefined {
  const { process, components, width, height } = frame;
  const [first, ...others] = components;
  const isUsual =
    process <= 1 &&
    others.length === 2 &&
    others.every(({ h, v }) => h === 1 && v === 1) &&
    ['1 1', '2 1', '2 2'].includes(`${first.h} ${first.v}`) &&
    width > 8 &&
    (isJfif || (adobeTransform ?? 1) !== 0) &&
    String.fromCharCode(...components.map(({ id }) => id)) !== 'RGB';
  if (!isUsual || width * height > LARGEST) return undefined;
  const dc: HuffmanTable[] = [];
  const ac: HuffmanTable[] = [];
  const steps: Uint8Array[] = [];
  let restartInterval = 0;
  let frames = 0;
  for (let at = 2; ; ) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined) return undefined;
    const { marker, data, end } = segment;
    at = end;
    if (isFrame(marker) && ++frames > 1) return undefined;
    if (marker === DHT) readHuffmanTables(data, (isAc, id, table) => void ((isAc ? ac : dc)[id] = table));
    if (marker === DRI) restartInterval = (data[0] << 8) | data[1];
    if (marker === DQT) {
      for (let i = 0; i + 65 <= data.length; i += 65) {
        if (data[i] > 3) return undefined;
        steps[data[i]] = data.subarray(i + 1, i + 65);
      }
    }
    if (marker !== SOS) continue;
    if (data[0] !== 3 || data.length < 10 || data[7] !== 0 || data[8] !== 63 || data[9] !== 0) return undefined;
    const colors = components.map(({ id, table }, i) => {
      const selectors = data[1 + 2 * i] === id ? data[2 + 2 * i] : 0xff;
      return { dc: dc[selectors >> 4], ac: ac[selectors & 15], steps: steps[table] };
    });
    if (colors.some((color) => Object.values(color).includes(undefined as never))) return undefined;
    return { blocks: makeBlocks(frame, false), colors, restartInterval, scan: end };
  }
}

/** Pixels; above, the memory for all colors would be too much. */
const LARGEST = 40e6;

/** Place in the block, in bytes, and step of each coefficient in the order of the file; 16 more for runs beyond the end. */
export function stepTable(steps: Uint8Array): Int32Array {
  return Int32Array.from({ length: 2 * 80 }, (_, i) => {
    const k = i >> 1;
    if (k > 63) return i % 2 === 0 ? 126 : 1;
    return i % 2 === 0 ? 2 * ZIGZAG[k] : steps[k];
  });
}
