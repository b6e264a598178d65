import type { Observer } from '../calibrate/observer.js';
import type { ConvNode, Network, NetworkNode } from '../network/network.js';
import type { IntegerNetwork, Quantization } from './integerNetwork.js';
import { type ConvIntegers, NetworkBuilder } from './networkBuilder.js';
import { placeNodes } from './placement.js';
import { quantizationsOf, type RangeSettings } from './quantizations.js';
import { biasErrors, quantizeBias, quantizeWeights } from './weights.js';

export interface BuildSettings extends RangeSettings {
  readonly weightBits: 7 | 8;
  readonly perChannel: boolean;
  readonly biasCorrection: boolean;
  readonly keepFloat: (node: NetworkNode) => boolean;
}

/** A network in integers, and which value of the float network each of its values stands for. */
export interface Built {
  readonly integers: IntegerNetwork;
  readonly origins: ReadonlyMap<number, number>;
}

/** The network in integers, with what calibration has found. */
export function buildIntegers(
  network: Network,
  observers: ReadonlyMap<number, Observer>,
  settings: BuildSettings,
): Built {
  const placement = placeNodes(network, settings.keepFloat);
  const quantizations = quantizationsOf(network, placement, observers, settings);
  const builder = new NetworkBuilder(network, quantizations);
  for (const node of network.nodes) {
    if (node.op === 'constant') continue;
    if (placement.inFloat.has(node)) builder.addFloat(node);
    else if (node.op === 'conv') {
      const { scale } = quantizations.get(node.inputs[0] as number) as Quantization;
      builder.addConv(node, integersOf(node, scale, observers, settings), placement.givesNumbers.has(node));
    } else builder.addBytes(node);
  }
  const integers = { model: network.model, weightBits: settings.weightBits, ...builder.finish() };
  return { integers, origins: builder.sources };
}

function integersOf(
  node: ConvNode,
  scale: number,
  observers: ReadonlyMap<number, Observer>,
  settings: BuildSettings,
): ConvIntegers {
  const quantized = quantizeWeights(node, scale, settings.weightBits, settings.perChannel);
  const means = settings.biasCorrection ? observers.get(node.inputs[0] as number)?.means : undefined;
  const errors = means === undefined ? null : biasErrors(node, quantized, spreadMeans(means, node));
  const bias = errors === null ? node.bias : node.bias.map((b, o) => b - (errors[o] as number));
  return { ...quantized, bias: quantizeBias(bias, quantized.scales, scale) };
}

/** One mean for each input channel; a flattened image has one for each number, of which a window of the image has one for each channel. */
function spreadMeans(means: Float64Array, { geometry: g }: ConvNode): Float64Array {
  if (means.length === g.inChannels) return means;
  return Float64Array.from({ length: g.inChannels }, (_, c) => means[c % means.length] as number);
}
