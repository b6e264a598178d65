import { conv2dGeometry } from '../../../kernels/geometry.js';
import type { ConvIntegers } from '../integers/networkBuilder.js';
import { quantizeBias } from '../integers/weights.js';
import { type ConvNode, imageOf, type Network, type NetworkNode } from '../network/network.js';
import type { Constants } from './constants.js';

/** The weight that stands for 1: a constant that is added is exact to a 64th of x's step. */
const ONE = 64;

/** A sum or product of an image and one constant per channel as a depthwise convolution of one tap; null for other operations. */
export function channelwise(
  node: NetworkNode,
  { shapes }: Network,
  constants: Constants,
): { node: ConvNode; integers: (xScale: number) => ConvIntegers } | null {
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
  const scales = weight.map((w) => Math.abs(w) / ONE || 1);
  const whole = Int8Array.from(weight, (w) => Math.sign(w) * ONE);
  return {
    node: { op: 'conv', name, inputs, output, geometry, activation: 'none', weight, bias, isBatchNorm: true },
    integers: (xScale) => ({ weight: whole, scales, bias: quantizeBias(bias, scales, xScale) }),
  };
}

/** One number for each channel, where broadcasting says that they are. */
function perChannel(constants: Constants, value: number, x: readonly number[]): Float32Array | null {
  const { shape, floats } = constants.tensor(value);
  const channels = x[1] ?? 0;
  if (floats.length !== channels) return null;
  const axis = 1 - (x.length - shape.length);
  return shape[axis] === channels ? Float32Array.from(floats) : null;
}
