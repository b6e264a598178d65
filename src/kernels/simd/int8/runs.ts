import type { Int8ConvGeometry } from '../../contracts/quantized.js';

/** A window as runs of bytes: `rows` times `taps`, `rowStep` and `tapStep` bytes apart, of `length` bytes each, a multiple of 4. */
export interface Runs {
  readonly rows: number;
  readonly rowStep: number;
  readonly taps: number;
  readonly tapStep: number;
  readonly length: number;
}

/** The image that the loops read: x itself, or a copy with a frame of zero points around it. */
export interface Source {
  readonly isFramed: boolean;
  readonly height: number;
  readonly width: number;
  /** Bytes from one pixel to the next. */
  readonly pixel: number;
}

export function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

export function sourceOf(g: Int8ConvGeometry): Source {
  const height = (g.outHeight - 1) * g.strideHeight + (g.kernelHeight - 1) * g.dilationHeight + 1;
  const width = (g.outWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
  const isFramed = g.padTop > 0 || g.padLeft > 0 || height > g.inHeight || width > g.inWidth;
  if (!isFramed) return { isFramed, height: g.inHeight, width: g.inWidth, pixel: g.xPixel };
  return { isFramed, height, width, pixel: roundUp(g.inChannels, 4) };
}

/** Neighboring pixels of a row are one run where all their bytes belong to the group; else each tap is a run. */
export function runsOf(g: Int8ConvGeometry, source: Source): Runs {
  const channels = g.inChannels / g.groups;
  const rowStep = g.dilationHeight * source.width * source.pixel;
  const isDense = g.groups === 1 && g.dilationWidth === 1 && source.pixel - channels < 4 && g.kernelWidth > 1;
  if (isDense) {
    const length = roundUp(g.kernelWidth * source.pixel, 4);
    return { rows: g.kernelHeight, rowStep, taps: 1, tapStep: 0, length };
  }
  const tapStep = g.dilationWidth * source.pixel;
  return { rows: g.kernelHeight, rowStep, taps: g.kernelWidth, tapStep, length: roundUp(channels, 4) };
}

/** Where the window of each output begins. */
export function offsetsOf(g: Int8ConvGeometry, { width, pixel }: Source): Int32Array {
  const offsets = new Int32Array(g.outHeight * g.outWidth);
  for (let p = 0; p < g.outHeight; p++) {
    for (let q = 0; q < g.outWidth; q++) {
      offsets[p * g.outWidth + q] = (p * g.strideHeight * width + q * g.strideWidth) * pixel;
    }
  }
  return offsets;
}
