import { checkSize, damaged } from '../source.js';
import type { Segment } from './segments.js';

/** A color of a JPEG image. */
export interface FrameComponent {
  id: number;
  /** Blocks of an MCU across and down. */
  h: number;
  v: number;
  /** The quantization table. */
  table: number;
}

/** What a start of frame says. */
export interface Frame {
  /** 0 baseline, 1 extended, 2 progressive, 9 and 10 the same with arithmetic coding. */
  process: number;
  width: number;
  height: number;
  components: FrameComponent[];
}

/** Processes that decoders for photographs know. */
const processes: Record<number, string> = {
  3: 'lossless',
  5: 'hierarchical',
  6: 'hierarchical',
  7: 'hierarchical',
  11: 'lossless',
  13: 'hierarchical',
  14: 'hierarchical',
  15: 'hierarchical',
};

/** Throws `FormatError` for frames that are damaged, larger than `maxPixels`, or of a process or precision that this library does not know. */
export function readFrame({ marker, data }: Segment, maxPixels: number): Frame {
  const process = marker - 0xc0;
  if (data.length < 6) throw damaged('JPEG', `its frame header has only ${data.length} bytes.`);
  const [precision, h1, h0, w1, w0, count] = data;
  const [width, height] = [(w1 << 8) | w0, (h1 << 8) | h0];
  if (precision !== 8) throw damaged('JPEG', `it holds ${precision} bits per value. Only 8 can be read.`);
  if (processes[process] !== undefined) {
    throw damaged('JPEG', `it is ${processes[process]}. Only baseline, extended and progressive files can be read.`);
  }
  if (![1, 3, 4].includes(count)) throw damaged('JPEG', `it has ${count} colors. There can be 1, 3 or 4.`);
  if (data.length < 6 + 3 * count) throw damaged('JPEG', `its frame header is too short for ${count} colors.`);
  checkSize('JPEG', width, height, maxPixels);
  const components = Array.from({ length: count }, (_, i) => {
    const [id, factors, table] = data.subarray(6 + 3 * i, 9 + 3 * i);
    const [h, v] = [factors >> 4, factors & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4)
      throw damaged('JPEG', `color ${i} has sampling factors ${h} x ${v}. They can be 1 to 4.`);
    return { id, h, v, table };
  });
  return { process, width, height, components };
}
