import type { ConvNode } from '../network/network.js';

/** Weights of a convolution as bytes. */
export interface QuantizedWeights {
  readonly weight: Int8Array;
  /** One for each output channel, or one for all. */
  readonly scales: Float32Array;
}

/** The largest weight: 127, or 64 for 7 bits, where two sums of two products fit into 16 bits. */
export function mostOf(bits: 7 | 8): number {
  return bits === 8 ? 127 : 64;
}

/**
 * Rounds weights to whole multiples of a scale. A channel whose weights are tiny beside its bias gets a larger scale, so that the bias fits
 * into 31 bits in units of xScale * scale.
 */
export function quantizeWeights(
  { weight, bias, geometry, isBatchNorm }: ConvNode,
  xScale: number,
  bits: 7 | 8,
  perChannel: boolean,
): QuantizedWeights {
  const most = mostOf(bits);
  const perOutput = weight.length / geometry.outChannels;
  const scaleOf = (begin: number, end: number, biases: Float32Array): number => {
    let largest = 0;
    for (let i = begin; i < end; i++) largest = Math.max(largest, Math.abs(weight[i] as number));
    const least = biases.reduce((sum, b) => Math.max(sum, Math.abs(b)), 0) / (xScale * 2 ** 29);
    return Math.fround(Math.max(largest / most, least) || 1);
  };
  const scales =
    perChannel || isBatchNorm
      ? Float32Array.from(bias, (_, o) => scaleOf(o * perOutput, (o + 1) * perOutput, bias.subarray(o, o + 1)))
      : Float32Array.of(scaleOf(0, weight.length, bias));
  const rounded = Int8Array.from(weight, (v, i) => {
    const scale = scales[scales.length === 1 ? 0 : Math.floor(i / perOutput)] as number;
    return Math.min(Math.max(Math.round(v / scale), -most), most);
  });
  return { weight: rounded, scales };
}

/** The scale of output channel o. */
export function scaleAt(scales: Float32Array, o: number): number {
  return scales[scales.length === 1 ? 0 : o] as number;
}

/** Biases in units of xScale * scale. */
export function quantizeBias(bias: Float32Array, scales: Float32Array, xScale: number): Int32Array {
  return Int32Array.from(bias, (b, o) => Math.round(b / (xScale * scaleAt(scales, o))));
}

/**
 * What rounded weights add to each output channel on average, to be taken from the bias: the sum of (rounded - exact) times the mean of the
 * input channel.
 *
 * Source: Nagel et al. 2019 (arXiv:1906.04721), section 4.2.
 */
export function biasErrors(node: ConvNode, { weight, scales }: QuantizedWeights, means: Float64Array): Float64Array {
  const { geometry: g } = node;
  const [I, O] = [g.inChannels / g.groups, g.outChannels / g.groups];
  const taps = g.kernelHeight * g.kernelWidth;
  return Float64Array.from({ length: g.outChannels }, (_, o) => {
    const first = Math.floor(o / O) * I;
    let sum = 0;
    for (let i = 0; i < I; i++) {
      let error = 0;
      for (let t = 0; t < taps; t++) {
        const at = (o * I + i) * taps + t;
        error += (weight[at] as number) * scaleAt(scales, o) - (node.weight[at] as number);
      }
      sum += error * (means[first + i] as number);
    }
    return sum;
  });
}
