import { bands, type Raster } from '../raster.js';
import { unpremultiply } from '../resize/premultiply.js';
import { labToRgb } from './lab.js';
import type { Segment, Storage } from './storage.js';

type Values = Raster['data'];

/** Room for the values of all pixels. */
export function makeValues({ width, height, layout }: Storage): Values {
  const count = width * height * bands[layout.mode];
  if (layout.mode === 'F') return new Float32Array(count);
  return layout.mode === 'I' ? new Int32Array(count) : new Uint8Array(count);
}

/** Reads one value of a row: the i-th, of rows that begin at `from`. */
type ReadValue = (from: number, i: number) => number;

/** Gray of fewer than 8 bits is spread over 0 to 255; of 16 bits of color the upper 8 count. */
function readerOf(data: Uint8Array, { layout, isLittle }: Storage): ReadValue {
  const { bits, kind, mode } = layout;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (bits === 8) return (from, i) => data[from + i];
  if (bits === 12) {
    return (from, i) => {
      const at = from + (i >> 1) * 3;
      return i % 2 === 0 ? (data[at] << 4) | (data[at + 1] >> 4) : ((data[at + 1] & 15) << 8) | data[at + 2];
    };
  }
  if (bits === 16 && mode !== 'I') return (from, i) => data[from + 2 * i + (isLittle ? 1 : 0)];
  if (bits === 16 && kind === 'signed') return (from, i) => view.getInt16(from + 2 * i, isLittle);
  if (bits === 16) return (from, i) => view.getUint16(from + 2 * i, isLittle);
  if (bits === 32 && kind === 'float') return (from, i) => view.getFloat32(from + 4 * i, isLittle);
  if (bits === 32) return (from, i) => view.getInt32(from + 4 * i, isLittle);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const spread = mode === 'P' ? 1 : 255 / mask;
  return (from, i) => ((data[from + Math.floor(i / perByte)] >> (8 - bits * ((i % perByte) + 1))) & mask) * spread;
}

/** Puts the values of an unpacked segment into their places; what sticks out of the image is dropped. */
export function placeValues(
  data: Uint8Array,
  rowBytes: number,
  segment: Segment,
  storage: Storage,
  values: Values,
): void {
  const { width, height, layout, samples } = storage;
  const channels = bands[layout.mode];
  const isApart = samples < layout.samples;
  const read = readerOf(data, storage);
  const columns = Math.min(segment.width, width - segment.x);
  const rows = Math.min(segment.height, height - segment.y);
  const taken = isApart ? (segment.plane < channels ? 1 : 0) : channels;
  for (let row = 0; row < rows; row++) {
    const from = row * rowBytes;
    let at = ((segment.y + row) * width + segment.x) * channels + (isApart ? segment.plane : 0);
    for (let column = 0; column < columns; column++, at += channels) {
      for (let c = 0; c < taken; c++) {
        const value = read(from, column * samples + c);
        values[at + c] = layout.isInverted ? 255 - value : value;
      }
    }
  }
}

/** The values as a raster; colors that were multiplied by alpha are divided by it. */
export function finishValues(values: Values, { width, height, layout }: Storage): Raster {
  const { mode, fileMode, isPremultiplied } = layout;
  if (isPremultiplied) {
    const colors = unpremultiply(values as Uint8Array);
    for (let i = 0; i < colors.length; i += 4) if (colors[i + 3] === 0) colors.fill(0, i, i + 3);
  }
  if (fileMode === 'LAB') labToRgb(values as Uint8Array);
  return { mode, fileMode, width, height, data: values };
}
