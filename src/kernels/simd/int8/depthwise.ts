import type { Floats } from '../../../memory/memory.js';
import { scratchInts } from '../../../wasm/scratch.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { depthwise } from './depthwiseProgram.js';
import { outputValues } from './output.js';
import { roundUp, type Source } from './runs.js';

/** One input channel and one output channel in each group. */
export function isDepthwise(g: Int8ConvGeometry): boolean {
  return g.groups === g.inChannels && g.outChannels === g.inChannels && g.groups > 1;
}

/** Where things lie in `kept`; see the parameters of the program. */
function layout(g: Int8ConvGeometry) {
  const blocks = Math.ceil(g.outChannels / 8);
  const taps = roundUp(g.kernelHeight * g.kernelWidth, 2);
  const multiplier = 32 * blocks;
  const fits = 2 * multiplier;
  const w = fits + roundUp(4 * blocks, 16);
  const pairs = w + 16 * taps * blocks;
  return { blocks, taps, multiplier, fits, w, pairs, bytes: pairs + 16 * taps * blocks };
}

export function depthwiseKeptLength(g: Int8ConvGeometry): number {
  return layout(g).bytes;
}

export function packDepthwise(
  kept: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  g: Int8ConvGeometry,
): void {
  const at = layout(g);
  const { buffer, byteOffset } = kept;
  kept.fill(0);
  const biases = new Int32Array(buffer, byteOffset, 8 * at.blocks);
  const factors = new Float32Array(buffer, byteOffset + at.multiplier, 8 * at.blocks);
  const fits = new Int32Array(buffer, byteOffset + at.fits, at.blocks).fill(1);
  const single = new Int16Array(buffer, byteOffset + at.w, 8 * at.taps * at.blocks);
  const paired = new Int16Array(buffer, byteOffset + at.pairs, 8 * at.taps * at.blocks);
  const taps = g.kernelHeight * g.kernelWidth;
  const most = g.narrowX ? 127 : 128;
  for (let c = 0; c < g.outChannels; c++) {
    const [block, lane] = [c >> 3, c & 7];
    let [sum, magnitude] = [0, 0];
    for (let t = 0; t < taps; t++) {
      const tap = w[c * taps + t];
      sum += tap;
      magnitude += Math.abs(tap);
      const first = 8 * at.taps * block;
      single[first + 8 * t + lane] = tap;
      paired[first + 16 * (t >> 1) + 8 * (lane >> 2) + 2 * (lane & 3) + (t & 1)] = tap;
    }
    biases[c] = bias[c] - g.xZero * sum;
    factors[c] = multiplier[c];
    if (magnitude * most > 32767) fits[block] = 0;
  }
}

export function runDepthwise(
  y: number,
  x: number,
  residual: number,
  g: Int8ConvGeometry,
  source: Source,
  kept: Int8Array,
): void {
  const at = layout(g);
  const start = kept.byteOffset;
  const rowBytes = source.width * source.pixel;
  const offsets = Array.from({ length: at.taps }, (_, t) => {
    const [r, s] = [Math.floor(t / g.kernelWidth), t % g.kernelWidth];
    return r < g.kernelHeight ? r * g.dilationHeight * rowBytes + s * g.dilationWidth * source.pixel : 0;
  });
  const { outWidth, yPixel, residualPixel, residualZero, residualScale } = g;
  const entry = g.kernelHeight * g.kernelWidth === 9 ? depthwise.taps9 : depthwise.taps0;
  entry.runGroups(
    [
      {
        y,
        x,
        bias: start,
        multiplier: start + at.multiplier,
        fits: start + at.fits,
        w: start + at.w,
        pairs: start + at.pairs,
        offsets: scratchInts(offsets),
        taps: at.taps,
        channels: g.outChannels,
        rowStep: g.strideHeight * rowBytes,
        pixelStep: g.strideWidth * source.pixel,
        residual,
      },
      { outWidth, yPixel, residualPixel, residualZero, residualScale },
      outputValues(g),
    ],
    g.outHeight,
    Math.max(1, Math.ceil(16384 / (outWidth * g.outChannels))),
  );
}
