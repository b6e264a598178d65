import { conv2dGeometry } from '../../../kernels/geometry.js';
import type { ConvIntegers } from '../integers/networkBuilder.js';
import { quantizeBias } from '../integers/weights.js';
import { type ConvNode, imageOf, type Network, type NetworkNode } from '../network/network.js';
import type { Constants } from './constants.js';

/** The largest weight, which suits kernels for 7 bits, too. */
const MOST = 64;

/** A sum or product of an image and one constant per channel as a depthwise convolution of one tap; null for other operations. */
export function channelwise(node: NetworkNode, { shapes }: Network, constants: Constants): ConvNode | null {
  if (node.op === 'conv' || node.inputs.length !== 1 || !/^(add|sub|mul)$/.test(node.source.op)) return null;
  const [x, factor] = node.source.inputs[0] === node.inputs[0] ? node.source.inputs : node.source.inputs.toReversed();
  const isTurned = x !== node.source.inputs[0];
  const image = imageOf(shapes[x as number] ?? []);
  const numbers = constants.has(factor) ? perChannel(constants, factor, shapes[x as number] ?? []) : null;
  if (image === null || numbers === null || (isTurned && node.source.op === 'sub')) return null;
  const { channels, height, width } = image;
  const geometry = conv2dGeometry('channelwise', [1, channels, height, width], [channels, 1, 1, 1], {
    groups: channels,
  });
  const isProduct = node.source.op === 'mul';
  const weight = numbers.map((v) => (isProduct ? v : 1));
  const bias = numbers.map((v) => (isProduct ? 0 : node.source.op === 'sub' ? -v : v));
  const { name, inputs, output } = node;
  return { op: 'conv', name, inputs, output, geometry, activation: 'none', weight, bias, isBatchNorm: true };
}

/**
 * The integers of a depthwise convolution of one tap. One scale for each channel makes its factor exact, whatever whole number stands for it: the one
 * whose bias is nearest to a whole number is taken.
 */
export function channelwiseIntegers({ weight, bias }: ConvNode, xScale: number): ConvIntegers | null {
  const found = Array.from(weight, (w, o) => nearest(Math.abs(w), bias[o] as number, xScale));
  const scales = Float32Array.from(found, ({ scale }) => scale);
  if (!bias.every((b, o) => Math.abs(b) < 2 ** 30 * xScale * (scales[o] as number))) return null;
  return {
    weight: Int8Array.from(weight, (w, o) => Math.sign(w) * (found[o] as { whole: number }).whole),
    scales,
    bias: quantizeBias(bias, scales, xScale),
  };
}

function nearest(weight: number, bias: number, xScale: number): { whole: number; scale: number } {
  let best = { whole: MOST, scale: Math.fround(weight / MOST) || 1 };
  if (weight === 0) return best;
  let least = Number.POSITIVE_INFINITY;
  for (let whole = MOST; whole > MOST / 4; whole--) {
    const scale = Math.fround(weight / whole);
    const sum = bias / (xScale * scale);
    const error = Math.abs(sum - Math.round(sum)) / whole;
    if (error < least) [least, best] = [error, { whole, scale }];
  }
  return best;
}

/** One number for each channel, where broadcasting says that they are. */
function perChannel(constants: Constants, value: number, x: readonly number[]): Float32Array | null {
  const { shape, floats } = constants.tensor(value);
  const channels = x[1] ?? 0;
  if (floats.length !== channels) return null;
  const axis = 1 - (x.length - shape.length);
  return shape[axis] === channels ? Float32Array.from(floats) : null;
}
