import { damaged, refuseHollow } from '../../source.js';
import type { JpegHeader } from '../header.js';
import { DHT, DQT, DRI, EOI, isFrame, nextSegment, type Segment, SOS } from '../segments.js';
import { BitReader } from './bitReader.js';
import { progressive, ScanState, sequential } from './coefficients.js';
import { codingOf, joinPlanes } from './colors.js';
import { type HuffmanTable, readHuffmanTables } from './huffman.js';
import { planePixels } from './idct.js';
import { type Blocks, makeBlocks } from './planes.js';
import { decodeScan, type ScanPlane } from './scan.js';
import { upsample } from './upsample.js';
import { ZIGZAG } from './zigzag.js';

/** The pixels of a file, with what is wrong with it. */
export interface OwnPixels {
  channels: number;
  /** Gray, RGB, or inks as the file has them. */
  data: Uint8Array;
  warnings: string[];
}

/** The tables that are in force at a place in the file. */
interface Tables {
  dc: (HuffmanTable | undefined)[];
  ac: (HuffmanTable | undefined)[];
  steps: (Uint16Array | undefined)[];
  restartInterval: number;
}

/**
 * Decodes a JPEG file with baseline, extended or progressive Huffman coding and any colors. This is the decoder for files that libjpeg-turbo's program does not take:
 * CMYK, and damaged ones, about which it says what is missing. The results of the two are the same.
 *
 * Throws `FormatError` when pixels are missing, unless `fill` asks for gray in their place.
 *
 * Source: ITU-T T.81.
 */
export function decodeOwn(bytes: Uint8Array, header: JpegHeader, fill: boolean): OwnPixels {
  const { frame } = header;
  if (frame.process > 2) throw damaged('JPEG', 'it is coded arithmetically and damaged, or its kind cannot be read.');
  checkLength(bytes, header, fill);
  const blocks = makeBlocks(frame);
  const warnings = new Set<string>();
  const end = readScans(bytes, header, blocks, warnings, fill);
  const isProgressive = frame.process === 2;
  if (blocks.planes.some(({ steps }) => steps === undefined) || (isProgressive && end !== EOI)) {
    if (!fill) throw truncation('the file ends before all of its scans have come');
    warnings.add('The file is truncated; missing pixels are gray.');
  }
  const { width, height } = frame;
  const planes = blocks.planes.map((plane) => upsample(planePixels(plane), plane, blocks, width, height));
  const coding = codingOf(
    frame.components.map(({ id }) => id),
    header.isJfif,
    header.adobeTransform,
  );
  return { channels: planes.length, data: joinPlanes(planes, coding, width, height), warnings: [...warnings] };
}

function truncation(what: string): Error {
  return damaged(
    'JPEG',
    `the file is truncated or damaged: ${what}. Pass truncated: 'fill' to decode as much as there is.`,
  );
}

/** Every block takes a bit or two; a file that is too short for its size needs no memory to be refused. */
function checkLength(bytes: Uint8Array, { frame }: JpegHeader, fill: boolean): void {
  const blocks = (frame.width * frame.height) / 64;
  refuseHollow('JPEG', bytes.length * 8, blocks, frame.width * frame.height);
  if (!fill && bytes.length * 8 < blocks)
    throw truncation(`${bytes.length} bytes can't hold ${frame.width} x ${frame.height} pixels`);
}

/** Reads all segments from the first on; returns the last marker. */
function readScans(
  bytes: Uint8Array,
  header: JpegHeader,
  blocks: Blocks,
  warnings: Set<string>,
  fill: boolean,
): number {
  const tables: Tables = { dc: [], ac: [], steps: [], restartInterval: 0 };
  let frames = 0;
  for (let at = 2; ; ) {
    const segment = tolerant(bytes, at, fill);
    if (segment === undefined) return 0;
    at = segment.end;
    const { marker, data } = segment;
    if (marker === EOI) return EOI;
    if (isFrame(marker) && ++frames > 1) throw damaged('JPEG', 'it has several frames.');
    if (marker === DQT) readSteps(data, tables);
    else if (marker === DHT)
      readHuffmanTables(data, (isAc, id, table) => void ((isAc ? tables.ac : tables.dc)[id] = table));
    else if (marker === DRI && data.length >= 2) tables.restartInterval = (data[0] << 8) | data[1];
    else if (marker === SOS) at = readScan(bytes, segment, header, blocks, tables, warnings, fill);
  }
}

function tolerant(bytes: Uint8Array, at: number, fill: boolean): Segment | undefined {
  try {
    return nextSegment(bytes, at);
  } catch (error) {
    if (fill) return undefined;
    throw error;
  }
}

function readSteps(data: Uint8Array, { steps }: Tables): void {
  for (let at = 0; at < data.length; ) {
    const [isLong, id] = [data[at] >> 4 !== 0, data[at] & 15];
    const bytes = isLong ? 128 : 64;
    if (id > 3 || at + 1 + bytes > data.length) throw damaged('JPEG', 'a quantization table is damaged.');
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k++) {
      const i = at + 1 + (isLong ? 2 * k : k);
      table[ZIGZAG[k]] = isLong ? (data[i] << 8) | data[i + 1] : data[i];
    }
    steps[id] = table;
    at += 1 + bytes;
  }
}

/** Decodes a scan; returns where it ended. */
function readScan(
  bytes: Uint8Array,
  { data, end }: Segment,
  { frame }: JpegHeader,
  blocks: Blocks,
  tables: Tables,
  warnings: Set<string>,
  fill: boolean,
): number {
  const count = data[0];
  if (count < 1 || count > 4 || data.length < 4 + 2 * count) throw damaged('JPEG', 'the header of a scan is damaged.');
  const [first, last, bits] = data.subarray(1 + 2 * count, 4 + 2 * count);
  const range = { first, last, high: bits >> 4, low: bits & 15 };
  const isProgressive = frame.process === 2;
  const isSound = first <= last && last < 64 && range.low <= 13 && (first === 0 ? last === 0 : count === 1);
  if (isProgressive && !isSound)
    throw damaged('JPEG', `a scan of coefficients ${first} to ${last} is none that progressive files have.`);
  const reader = new BitReader(bytes, end);
  const state = new ScanState();
  const planes = Array.from({ length: count }, (_, i): ScanPlane => {
    const [id, selectors] = data.subarray(1 + 2 * i, 3 + 2 * i);
    const plane = blocks.planes[frame.components.findIndex((component) => component.id === id)];
    if (plane === undefined) throw damaged('JPEG', `a scan holds color ${id}, which the frame does not know.`);
    plane.steps ??= tables.steps[plane.table];
    if (plane.steps === undefined) throw damaged('JPEG', `quantization table ${plane.table} is missing.`);
    const [dc, ac] = [tables.dc[selectors >> 4], tables.ac[selectors & 15]];
    return {
      plane,
      decode: isProgressive ? progressive(reader, state, range, dc, ac) : sequential(reader, state, dc, ac),
    };
  });
  const { mcus, decoded, isDamaged } = decodeScan(reader, blocks, planes, state, tables.restartInterval);
  if (decoded < mcus) {
    const share = Math.floor((100 * decoded) / mcus);
    if (!fill) throw truncation(`the picture ends after ${share} % of its blocks`);
    warnings.add('The file is truncated; missing pixels are gray.');
  } else if (isDamaged) warnings.add('The picture is damaged; some pixels are wrong.');
  return reader.at;
}
