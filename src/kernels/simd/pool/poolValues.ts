import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import type { AdaptivePool2dGeometry } from '../../contracts/pooling.js';
import type { Pool2dGeometry } from '../../geometry.js';
import type { parameters as adaptiveParameters } from './adaptiveProgram.js';
import type { parameters as poolParameters } from './poolProgram.js';

export const NONE_INSIDE: readonly [number, number] = [0, 0];

/** Which pooling program reads these windows, and which windows of a row it takes four at a time. */
export function insideOf(g: Pool2dGeometry): {
  reading: { stride: number; taps: number };
  inside: readonly [number, number];
} {
  const stride = g.strideWidth;
  const taps = g.kernelWidth;
  if (stride !== 1 && stride !== 2) return { reading: { stride: 1, taps }, inside: NONE_INSIDE };
  const first = Math.ceil(g.padLeft / stride);
  const end = Math.floor((g.inWidth + g.padLeft - g.kernelWidth) / stride) + 1;
  return { reading: { stride, taps }, inside: [first, Math.min(end, g.outWidth)] };
}

/** Whether the windows are whole 2x2 squares side by side. */
export function isTwoByTwo(g: Pool2dGeometry): boolean {
  return (
    g.kernelHeight === 2 &&
    g.kernelWidth === 2 &&
    g.strideHeight === 2 &&
    g.strideWidth === 2 &&
    g.padTop === 0 &&
    g.padLeft === 0 &&
    2 * g.outHeight <= g.inHeight &&
    2 * g.outWidth <= g.inWidth
  );
}

/** The values of a pooling function's parameters. */
export function poolValues(
  out: Floats,
  input: Floats,
  x: Floats,
  g: Pool2dGeometry,
  inside: readonly [number, number],
): Values<typeof poolParameters> {
  return {
    out: out.byteOffset,
    in: input.byteOffset,
    x: x.byteOffset,
    inHeight: g.inHeight,
    inWidth: g.inWidth,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    strideHeight: g.strideHeight,
    strideWidth: g.strideWidth,
    padTop: g.padTop,
    padLeft: g.padLeft,
    countIncludePad: g.countIncludePad ? 1 : 0,
    firstInside: inside[0],
    endInside: inside[1],
  };
}

/** The values of an adaptive pooling or resizing function's parameters. */
export function adaptiveValues(
  out: Floats,
  input: Floats,
  x: Floats,
  g: AdaptivePool2dGeometry,
): Values<typeof adaptiveParameters> {
  return {
    out: out.byteOffset,
    in: input.byteOffset,
    x: x.byteOffset,
    inHeight: g.inHeight,
    inWidth: g.inWidth,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
  };
}
