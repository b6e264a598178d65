import type { RasterMode } from '../raster.js';
import { damaged } from '../source.js';

/** What the values of a pixel mean. */
export interface PixelLayout {
  mode: RasterMode;
  /** In Pillow's words. */
  fileMode: string;
  /** Values per pixel in the file; those beyond the mode's are skipped. */
  samples: number;
  /** Bits of each: 1, 2, 4, 8, 12, 16 or 32. */
  bits: number;
  kind: 'unsigned' | 'signed' | 'float';
  /** Whether 0 is white. */
  isInverted: boolean;
  /** Whether colors were multiplied by alpha. */
  isPremultiplied: boolean;
}

/** What the tags say about a pixel. */
export interface PixelTags {
  isLittle: boolean;
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr, 8 CIE Lab. */
  photometric: number;
  bits: readonly number[];
  samples: number;
  /** What the values beyond the colors are: 0 anything, 1 alpha that colors were multiplied by, 2 alpha. */
  extra: readonly number[];
  /** 1 unsigned, 2 signed, 3 float. */
  formats: readonly number[];
}

const kinds = ['unsigned', 'unsigned', 'signed', 'float'] as const;

/** The kinds of pixels that Pillow knows. Throws `FormatError` for others. */
export function layoutOf(tags: PixelTags): PixelLayout {
  const { photometric, samples, extra, formats } = tags;
  const bits = tags.bits.length === 1 ? new Array<number>(samples).fill(tags.bits[0]) : tags.bits.slice(0, samples);
  const kind = kinds[formats[0] ?? 1];
  const isUniform = bits.length === samples && bits.every((b) => b === bits[0]) && new Set(formats).size <= 1;
  const common = { samples, bits: bits[0], kind, isInverted: photometric === 0, isPremultiplied: false };
  const found = isUniform && kind !== undefined ? modeOf(tags, bits[0], kind) : undefined;
  if (found === undefined) {
    throw damaged(
      'TIFF',
      `pixels of photometric ${photometric} with bits [${bits}], sample format [${formats}] and extra samples [${extra}] cannot be read.`,
    );
  }
  return { ...common, ...found };
}

type Found = Pick<PixelLayout, 'mode' | 'fileMode'> & Partial<PixelLayout>;

function modeOf(tags: PixelTags, bits: number, kind: PixelLayout['kind']): Found | undefined {
  const { photometric, samples, extra } = tags;
  const colors = samples - extra.length;
  if (photometric <= 1 && samples === 1 && extra.length === 0) return grayOf(tags, bits, kind);
  if (kind !== 'unsigned') return undefined;
  if (photometric === 1 && bits === 8 && samples === 2 && extra[0] === 2) return { mode: 'LA', fileMode: 'LA' };
  if (photometric === 3 && samples === 1 && bits <= 8) return { mode: 'P', fileMode: 'P' };
  if (photometric === 3 && samples === 2 && bits === 8 && extra[0] === 2) return { mode: 'P', fileMode: 'PA' };
  if (photometric === 2 && (bits === 8 || bits === 16)) return rgbOf(colors, extra, bits);
  if (photometric === 5 && colors === 4 && (bits === 8 || (bits === 16 && extra.length === 0 && tags.isLittle))) {
    return { mode: 'CMYK', fileMode: 'CMYK' };
  }
  if (photometric === 8 && samples === 3 && bits === 8) return { mode: 'RGB', fileMode: 'LAB' };
  if (photometric === 6 && samples === 3 && bits === 8) return { mode: 'RGB', fileMode: 'RGB' };
  return undefined;
}

function grayOf({ photometric, isLittle }: PixelTags, bits: number, kind: PixelLayout['kind']): Found | undefined {
  if (kind === 'unsigned') {
    if (bits === 1) return { mode: 'L', fileMode: '1' };
    if (bits === 2 || bits === 4 || bits === 8) return { mode: 'L', fileMode: 'L' };
    // Pillow leaves white at zero where values are longer.
    if (bits === 16 && (photometric === 1 || isLittle)) return { mode: 'I', fileMode: 'I;16', isInverted: false };
    if (bits === 12 && photometric === 1) return { mode: 'I', fileMode: 'I;16' };
  }
  if (kind === 'float' && bits === 32) return { mode: 'F', fileMode: 'F', isInverted: false };
  if (photometric === 1 && ((kind === 'signed' && (bits === 16 || bits === 32)) || (bits === 32 && isLittle))) {
    return { mode: 'I', fileMode: 'I' };
  }
  return undefined;
}

function rgbOf(colors: number, extra: readonly number[], bits: number): Found | undefined {
  const [first, ...others] = extra;
  if (others.some((kind) => kind !== 0) || (bits === 16 && others.length > 0)) return undefined;
  if (colors === 4 && extra.length === 0) return { mode: 'RGBA', fileMode: 'RGBA' };
  if (colors !== 3) return undefined;
  if (first === undefined || first === 0) return { mode: 'RGB', fileMode: first === 0 ? 'RGBX' : 'RGB' };
  if (first === 1) return { mode: 'RGBA', fileMode: 'RGBA', isPremultiplied: true };
  return first === 2 || first === 999 ? { mode: 'RGBA', fileMode: 'RGBA' } : undefined;
}
