import { clampToByte, luma, scaled } from './colors.js';
import { bands, type Raster } from './raster.js';

/** The colors that `decodeImage` gives. */
export type ColorMode = 'L' | 'RGB' | 'RGBA';

/** Values per pixel. */
export const channelsOf: Record<ColorMode, number> = { L: 1, RGB: 3, RGBA: 4 };

/**
 * The pixels as bytes of the mode, as Pillow's `convert` makes them: indices become colors, alpha is dropped or made from the transparent color, and
 * values beyond a byte are cut off. With a background, colors are laid over it by their alpha.
 */
export function toColors(raster: Raster, mode: ColorMode, background?: readonly number[] | undefined): Uint8Array {
  if (background !== undefined && mode !== 'RGBA' && hasAlpha(raster)) {
    const rgba = toColors(raster, 'RGBA');
    const data = layOver(rgba, background);
    return mode === 'RGB' ? data : toColors({ mode: 'RGB', width: raster.width, height: raster.height, data }, 'L');
  }
  if (raster.mode === mode && raster.transparent === undefined) return raster.data as Uint8Array;
  const fast = mode === 'RGB' ? toRgb(raster) : undefined;
  if (fast !== undefined) return fast;
  const { data, mode: from } = raster;
  const pixels = raster.width * raster.height;
  const step = bands[from];
  const channels = channelsOf[mode];
  const y = new Uint8Array(pixels * channels);
  const pick = readers[from](raster);
  const color = new Uint8Array(4);
  for (let i = 0, at = 0, source = 0; i < pixels; i++, at += channels, source += step) {
    pick(data, source, color);
    if (mode === 'L') {
      y[at] = luma(color[0], color[1], color[2]);
      continue;
    }
    y[at] = color[0];
    y[at + 1] = color[1];
    y[at + 2] = color[2];
    if (mode === 'RGBA') y[at + 3] = color[3];
  }
  return y;
}

/** What most files need, in loops without calls: three times as fast. */
function toRgb({ mode, data, palette = new Uint8Array(0) }: Raster): Uint8Array | undefined {
  const bands = mode === 'P' || mode === 'L' ? 1 : mode === 'RGBA' ? 4 : mode === 'RGB' ? 3 : 0;
  if (bands === 0) return undefined;
  if (bands === 3) return data as Uint8Array;
  const pixels = data.length / bands;
  const y = new Uint8Array(3 * pixels);
  if (mode === 'P') {
    const colors = new Uint8Array(768);
    colors.set(palette.subarray(0, 768));
    for (let i = 0, at = 0; i < pixels; i++, at += 3) {
      const color = 3 * data[i];
      y[at] = colors[color];
      y[at + 1] = colors[color + 1];
      y[at + 2] = colors[color + 2];
    }
    return y;
  }
  const [green, blue] = bands === 4 ? [1, 2] : [0, 0];
  for (let from = 0, at = 0; from < data.length; from += bands, at += 3) {
    y[at] = data[from];
    y[at + 1] = data[from + green];
    y[at + 2] = data[from + blue];
  }
  return y;
}

/** Writes red, green, blue and alpha of the pixel at `from`. */
type Reader = (data: Raster['data'], from: number, color: Uint8Array) => void;

const gray = ({ transparent }: Raster): Reader => {
  const seeThrough = transparent?.[0];
  return (data, from, color) => {
    color[0] = color[1] = color[2] = clampToByte(data[from]);
    color[3] = data[from] === seeThrough ? 0 : 255;
  };
};

const readers: Record<Raster['mode'], (raster: Raster) => Reader> = {
  L: gray,
  I: gray,
  F: gray,
  LA: () => (data, from, color) => {
    color[0] = color[1] = color[2] = data[from];
    color[3] = data[from + 1];
  },
  P: ({ palette = new Uint8Array(0), paletteAlpha }) => {
    const colors = new Uint8Array(1024);
    for (let i = 0; i < 256; i++) {
      for (let c = 0; c < 3; c++) colors[4 * i + c] = palette[3 * i + c] ?? 0;
      colors[4 * i + 3] = paletteAlpha?.[i] ?? 255;
    }
    return (data, from, color) => {
      const at = 4 * data[from];
      for (let c = 0; c < 4; c++) color[c] = colors[at + c];
    };
  },
  RGB: ({ transparent }) => {
    const [r, g, b] = transparent ?? [];
    return (data, from, color) => {
      color[0] = data[from];
      color[1] = data[from + 1];
      color[2] = data[from + 2];
      color[3] = color[0] === r && color[1] === g && color[2] === b ? 0 : 255;
    };
  },
  RGBA: () => (data, from, color) => {
    for (let c = 0; c < 4; c++) color[c] = data[from + c];
  },
  CMYK: () => (data, from, color) => {
    const white = 255 - data[from + 3];
    for (let c = 0; c < 3; c++) color[c] = Math.max(0, white - scaled(data[from + c], white));
    color[3] = 255;
  },
};

function hasAlpha({ mode, transparent, paletteAlpha }: Raster): boolean {
  return mode === 'LA' || mode === 'RGBA' || transparent !== undefined || paletteAlpha !== undefined;
}

/** RGBA over a color: each channel is (c a + b (255 - a)) / 255, rounded. */
function layOver(rgba: Uint8Array, background: readonly number[]): Uint8Array {
  const y = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, at = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3];
    for (let c = 0; c < 3; c++) {
      const mix = rgba[i + c] * alpha + background[c] * (255 - alpha) + 128;
      y[at++] = ((mix >> 8) + mix) >> 8;
    }
  }
  return y;
}
