import { type ConvNode, type Network, type NetworkNode, readersOf } from '../network/network.js';

const ROUNDS = 20;

/**
 * Gives neighboring layers weights of like size: output channel c of the first is divided by a number, and input channel c of the second
 * multiplied by it, which leaves the product as it is where a ReLU or nothing lies between. A ReLU6 between them becomes a ReLU. Biases count
 * like weights, since they make activations as large as these do.
 *
 * Source: Nagel et al. 2019 (arXiv:1906.04721), section 4.1.
 */
export function equalize(network: Network): Network {
  const copies = network.nodes.map(
    (node): NetworkNode =>
      node.op === 'conv' ? { ...node, weight: node.weight.slice(), bias: node.bias.slice() } : node,
  );
  const own = { ...network, nodes: copies };
  const pairs = pairsOf(own);
  for (let round = 0; round < ROUNDS; round++) for (const [first, second] of pairs) equalizePair(first, second);
  const equalized = new Set<NetworkNode>(pairs.map(([first]) => first));
  const nodes = copies.map((node) =>
    node.op === 'conv' && equalized.has(node) && node.activation === 'relu6'
      ? { ...node, activation: 'relu' as const }
      : node,
  );
  return { ...network, nodes };
}

/** Two convolutions, of which the second alone reads the first. */
function pairsOf(network: Network): [ConvNode, ConvNode][] {
  const readers = readersOf(network);
  return network.nodes.flatMap((first): [ConvNode, ConvNode][] => {
    const [second, ...others] = readers.get(first.output) ?? [];
    if (first.op !== 'conv' || second?.op !== 'conv' || others.length > 0 || first.output === network.output) return [];
    if (first.inputs.length > 1 || second.inputs[0] !== first.output || second.inputs[1] === first.output) return [];
    const { groups, inChannels, outChannels } = second.geometry;
    const isPlain = groups === 1 || (groups === inChannels && outChannels === inChannels);
    return isPlain && inChannels === first.geometry.outChannels ? [[first, second]] : [];
  });
}

function equalizePair(first: ConvNode, second: ConvNode): void {
  const channels = first.geometry.outChannels;
  const perOutput = first.weight.length / channels;
  const [own, next] = [new Float64Array(channels), new Float64Array(channels)];
  for (let c = 0; c < channels; c++) {
    for (let i = c * perOutput; i < (c + 1) * perOutput; i++) {
      own[c] = Math.max(own[c] as number, Math.abs(first.weight[i] as number));
    }
    forInput(second, c, (i) => {
      next[c] = Math.max(next[c] as number, Math.abs(second.weight[i] as number));
    });
  }
  const largest = (of: ArrayLike<number>): number =>
    Array.from(of).reduce((far, v) => Math.max(far, Math.abs(v)), 0) || 1;
  const [ownMost, nextMost, biasMost] = [largest(own), largest(next), largest(first.bias)];
  for (let c = 0; c < channels; c++) {
    // A channel that its bias alone drives must not grow: its activation would take the range of all others.
    const a = Math.max((own[c] as number) / ownMost, Math.abs(first.bias[c] as number) / biasMost);
    const b = (next[c] as number) / nextMost;
    const divisor = Math.sqrt(a * b) / b;
    if (!(divisor > 1e-3 && divisor < 1e3)) continue;
    for (let i = c * perOutput; i < (c + 1) * perOutput; i++) first.weight[i] = (first.weight[i] as number) / divisor;
    first.bias[c] = (first.bias[c] as number) / divisor;
    forInput(second, c, (i) => {
      second.weight[i] = (second.weight[i] as number) * divisor;
    });
  }
}

/** Visits the weights of input channel c. */
function forInput({ geometry: g }: ConvNode, c: number, visit: (index: number) => void): void {
  const taps = g.kernelHeight * g.kernelWidth;
  if (g.groups > 1) for (let t = 0; t < taps; t++) visit(c * taps + t);
  else for (let o = 0; o < g.outChannels; o++) for (let t = 0; t < taps; t++) visit((o * g.inChannels + c) * taps + t);
}
