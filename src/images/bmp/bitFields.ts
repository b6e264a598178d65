import { damaged } from '../source.js';

/** Turns the bits of one pixel into bytes of red, green, blue and, where the file has it, alpha. */
export interface PixelLayout {
  mode: 'RGB' | 'RGBA';
  bytes: 2 | 3 | 4;
  /** The place of each color among the bytes of a pixel; of 16 bits, the lowest bit of each and how many it has. */
  places: readonly number[];
  widths?: readonly number[] | undefined;
}

const BGR = { mode: 'RGB', places: [2, 1, 0] } as const;
const BGR15: PixelLayout = { mode: 'RGB', bytes: 2, places: [10, 5, 0], widths: [5, 5, 5] };
const BGR16: PixelLayout = { mode: 'RGB', bytes: 2, places: [11, 5, 0], widths: [5, 6, 5] };

/** The layouts that files have in practice, by bits per pixel and masks of red, green, blue and alpha. */
const known: Record<string, PixelLayout> = {
  '16 f800 7e0 1f': BGR16,
  '16 7c00 3e0 1f': BGR15,
  '24 ff0000 ff00 ff': { ...BGR, bytes: 3 },
  '32 ff0000 ff00 ff 0': { ...BGR, bytes: 4 },
  '32 ff000000 ff0000 ff00 0': { mode: 'RGB', bytes: 4, places: [3, 2, 1] },
  '32 ff000000 ff0000 ff00 ff': { mode: 'RGBA', bytes: 4, places: [3, 2, 1, 0] },
  '32 ff ff00 ff0000 ff000000': { mode: 'RGBA', bytes: 4, places: [0, 1, 2, 3] },
  '32 ff0000 ff00 ff ff000000': { mode: 'RGBA', bytes: 4, places: [2, 1, 0, 3] },
  '32 0 0 0 0': { mode: 'RGBA', bytes: 4, places: [2, 1, 0, 3] },
};

/** How pixels without masks lie. */
const usual: Record<number, PixelLayout> = { 16: BGR15, 24: { ...BGR, bytes: 3 }, 32: { ...BGR, bytes: 4 } };

/** Throws `FormatError` for masks that no known program writes. */
export function layoutOf(bits: number, masks: readonly number[]): PixelLayout {
  if (masks.length === 0) return usual[bits];
  const shown = masks.slice(0, bits === 32 ? 4 : 3).map((mask) => mask.toString(16));
  const layout = known[[bits, ...shown].join(' ')];
  if (layout === undefined)
    throw damaged('BMP', `its colors lie in the bits ${shown.join(', ')}, which no known kind has.`);
  return layout;
}

/** Unpacks one row. */
export function unpackRow(
  bytes: Uint8Array,
  from: number,
  { bytes: size, places, widths }: PixelLayout,
  width: number,
  y: Uint8Array,
  to: number,
): void {
  const colors = places.length;
  for (let i = 0, at = to; i < width; i++, at += colors) {
    const pixel = from + i * size;
    const packed = bytes[pixel] | (bytes[pixel + 1] << 8);
    for (let c = 0; c < colors; c++) {
      if (widths === undefined) y[at + c] = bytes[pixel + places[c]];
      else {
        const most = (1 << widths[c]) - 1;
        y[at + c] = Math.trunc((((packed >> places[c]) & most) * 255) / most);
      }
    }
  }
}
