import { checkSize, damaged } from '../source.js';

/** What the chunk IHDR says. */
export interface PngHeader {
  width: number;
  height: number;
  /** Bits per value: 1, 2, 4, 8 or 16. */
  depth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha. */
  colorType: number;
  isInterlaced: boolean;
  /** Values per pixel. */
  samples: number;
}

const samplesOf: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Throws `FormatError` for a header that no PNG file may have, and for too many pixels. */
export function readHeader(data: Uint8Array, maxPixels: number): PngHeader {
  if (data.length < 13) throw damaged('PNG', `its header has ${data.length} bytes in place of 13.`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colorType, , filterMethod, interlacing] = data.subarray(8, 13);
  checkSize('PNG', width, height, maxPixels);
  if (!depthsOf[colorType]?.includes(depth)) {
    throw damaged('PNG', `the header says color type ${colorType} with ${depth} bits, which is no PNG format.`);
  }
  if (filterMethod !== 0) throw damaged('PNG', `the header says filter method ${filterMethod}. There is none but 0.`);
  return { width, height, depth, colorType, isInterlaced: interlacing !== 0, samples: samplesOf[colorType] };
}
