import type { Raster, RasterMode } from '../raster.js';
import type { Chunk } from './chunks.js';
import type { PngHeader } from './header.js';

const modeOf: Record<number, RasterMode> = { 0: 'L', 2: 'RGB', 3: 'P', 4: 'LA', 6: 'RGBA' };

/**
 * The values of a PNG file as Pillow understands them: fewer than 8 bits of gray are spread over 0 to 255; of 16 bits of color, or of gray with alpha,
 * the upper 8 count; 16 bits of gray without alpha stay whole numbers.
 */
export function toRaster(values: Uint8Array | Uint16Array, header: PngHeader, chunks: readonly Chunk[]): Raster {
  const { width, height, depth, colorType } = header;
  const size = { width, height };
  const transparency = chunks.find(({ type }) => type === 'tRNS')?.data;
  if (colorType === 3) {
    const palette = chunks.findLast(({ type }) => type === 'PLTE')?.data;
    return { ...size, mode: 'P', data: values as Uint8Array, palette, paletteAlpha: transparency };
  }
  const transparent = transparency === undefined ? undefined : colorOf(transparency, header);
  if (colorType === 0 && depth === 16) return { ...size, mode: 'I', data: Int32Array.from(values), transparent };
  if (colorType === 2 && depth === 16 && transparent !== undefined) {
    return { ...size, mode: 'RGBA', data: withAlpha(values, transparent), fileMode: 'RGB' };
  }
  return {
    ...size,
    mode: modeOf[colorType],
    data: toBytes(values, header),
    transparent,
    fileMode: colorType === 0 && depth === 1 ? '1' : undefined,
  };
}

function toBytes(values: Uint8Array | Uint16Array, { depth }: PngHeader): Uint8Array {
  if (depth === 8) return values as Uint8Array;
  if (depth === 16) return Uint8Array.from(values, (value) => value >> 8);
  const spread = 255 / ((1 << depth) - 1);
  return Uint8Array.from(values, (value) => value * spread);
}

/** The transparent color of the chunk tRNS. */
function colorOf(data: Uint8Array, { colorType, depth }: PngHeader): readonly number[] | undefined {
  const count = colorType === 0 ? 1 : colorType === 2 ? 3 : 0;
  if (count === 0 || data.length < 2 * count) return undefined;
  const spread = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  return Array.from({ length: count }, (_, i) => ((data[2 * i] << 8) | data[2 * i + 1]) * spread);
}

/** 16 bits of color decide what is transparent, of which 8 remain. */
function withAlpha(values: Uint8Array | Uint16Array, [r, g, b]: readonly number[]): Uint8Array {
  const y = new Uint8Array((values.length / 3) * 4);
  for (let i = 0, at = 0; i < values.length; i += 3, at += 4) {
    for (let c = 0; c < 3; c++) y[at + c] = values[i + c] >> 8;
    y[at + 3] = values[i] === r && values[i + 1] === g && values[i + 2] === b ? 0 : 255;
  }
  return y;
}
