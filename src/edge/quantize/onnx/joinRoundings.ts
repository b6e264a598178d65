import type { Quantization } from '../integers/integerNetwork.js';
import { type Network, type NetworkNode, readersOf } from '../network/network.js';
import { ROUNDING } from './roundings.js';
import { isSame, keepsRounding, renamed } from './settleRoundings.js';

/** A network whose values have quantizations, where the operations that make them can write bytes. */
export interface RoundedNetwork {
  readonly network: Network;
  readonly quantizations: ReadonlyMap<number, Quantization>;
}

/**
 * Lets the nodes that a rounding alone reads write the bytes themselves. Roundings that others read past, or that follow another quantization,
 * stay nodes.
 */
export function joinRoundings(network: Network): RoundedNetwork {
  const quantizations = new Map<number, Quantization>();
  const readers = readersOf(network);
  const joined = new Map<number, number>();
  const isJoined = new Set<NetworkNode>();
  for (const node of network.nodes) {
    if (node.op === 'conv' || !isRounding(node)) continue;
    const source = node.inputs[0] as number;
    quantizations.set(node.output, node.source.attributes as unknown as Quantization);
    const maker = network.nodes.find(({ output }) => output === source);
    const keeps = maker !== undefined && maker.op !== 'conv' && (keepsRounding(maker.source) || isRounding(maker));
    if (keeps || readers.get(source)?.length !== 1 || source === network.output) continue;
    joined.set(source, node.output);
    isJoined.add(node);
  }
  const now = (value: number): number => joined.get(value) ?? value;
  const nodes = network.nodes
    .filter((node) => !isJoined.has(node))
    .map((node): NetworkNode => {
      const values = { inputs: node.inputs.map(now), output: now(node.output) };
      return node.op === 'conv' ? { ...node, ...values } : { ...node, ...values, source: renamed(node.source, now) };
    });
  const shapes = [...network.shapes];
  for (const [source, output] of joined) shapes[output] = network.shapes[source] ?? [];
  for (const node of nodes) spread(node, quantizations);
  return { network: { ...network, nodes, shapes, input: now(network.input) }, quantizations };
}

export function isRounding(node: NetworkNode): boolean {
  return node.op !== 'conv' && node.source.op === ROUNDING;
}

/** What only moves bytes keeps their quantization. */
function spread(node: NetworkNode, quantizations: Map<number, Quantization>): void {
  if (node.op === 'conv' || quantizations.has(node.output)) return;
  const parts = node.inputs.map((value) => quantizations.get(value));
  const [first] = parts;
  const moves = node.op === 'maxPool' || node.op === 'view' || node.op === 'concat';
  if (!moves || first === undefined || !parts.every((part) => part !== undefined && isSame(part, first))) return;
  quantizations.set(node.output, first);
}
