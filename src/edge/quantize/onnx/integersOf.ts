import type { Graph } from '../../../graph/graph.js';
import type { IntegerNetwork, Quantization } from '../integers/integerNetwork.js';
import { type ConvIntegers, NetworkBuilder } from '../integers/networkBuilder.js';
import type { ConvNode, OperationNode } from '../network/network.js';
import { byteFunctions } from './byteFunctions.js';
import { channelwise, channelwiseIntegers } from './channelwise.js';
import type { Constants } from './constants.js';
import { isRounding, type RoundedNetwork } from './joinRoundings.js';
import { storedIntegers } from './storedWeights.js';

/** The network in integers: what reads and writes bytes, and whose weights are bytes, runs on them; the rest stays in float32. */
export function integersOf(
  { network, quantizations }: RoundedNetwork,
  graph: Graph,
  constants: Constants,
): IntegerNetwork {
  const functions = byteFunctions(network, quantizations, constants);
  const builder = new NetworkBuilder(network, quantizations, true);
  const hasBytes = (values: readonly number[]): boolean => values.every((value) => quantizations.has(value));
  let weightBits: 7 | 8 = 7;
  const wholeWeights = (node: ConvNode, xScale: number): ConvIntegers | null =>
    node.isBatchNorm ? channelwiseIntegers(node, xScale) : storedIntegers(node, graph, constants, xScale);
  const addConv = (node: ConvNode): void => {
    const from = quantizations.get(node.inputs[0] as number);
    const integers = from && hasBytes(node.inputs) ? wholeWeights(node, from.scale) : null;
    const isBytes = quantizations.has(node.output);
    if (integers === null || !(isBytes || givesNumbers(node))) builder.addFloat(node);
    else builder.addConv(node, integers, !isBytes);
    if (integers?.weight.some((w) => w < -64 || w > 64)) weightBits = 8;
  };
  const addOther = (node: OperationNode): void => {
    const conv = channelwise(node, network, constants);
    if (conv !== null && hasBytes([...conv.inputs, conv.output])) addConv(conv);
    else if (node.op !== 'float' && canBeBytes(node, quantizations)) builder.addBytes(node);
    else builder.addFloat(node);
  };
  for (const node of network.nodes) {
    const of = functions.get(node.output);
    if (node.op === 'constant') continue;
    if (of !== undefined) builder.addLookup(node.name, of.input, node.output, of.table);
    else if (isRounding(node)) builder.addRounding(node.inputs[0] as number, node.output);
    else if (node.op === 'conv') addConv(node);
    else addOther(node);
  }
  return { model: network.model, weightBits, ...builder.finish() };
}

/** Kernels write the sums of one pixel as numbers, too. */
function givesNumbers({ geometry: g, activation, inputs }: ConvNode): boolean {
  return g.outHeight * g.outWidth === 1 && activation === 'none' && inputs.length === 1 && g.groups === 1;
}

function canBeBytes(node: OperationNode, quantizations: ReadonlyMap<number, Quantization>): boolean {
  const to = quantizations.get(node.output);
  if (to === undefined) return false;
  // Constants of a concatenation take the quantization of the whole.
  const given = node.op === 'concat' ? node.inputs.filter((value) => quantizations.has(value)) : node.inputs;
  return given.length > 0 && given.every((value) => quantizations.has(value));
}
