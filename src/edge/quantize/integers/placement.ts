import { type ConvNode, makersOf, type Network, type NetworkNode, readersOf } from '../network/network.js';

/** Which nodes stay in float32, and which convolutions give numbers instead of bytes. */
export interface Placement {
  readonly inFloat: ReadonlySet<NetworkNode>;
  readonly givesNumbers: ReadonlySet<NetworkNode>;
}

/**
 * Operations without integer kernels and those named in `keepFloat` stay in float, and so does what only shapes the answer: an activation,
 * softmax or average behind the last layer, where bytes would make ties. Operations between such nodes join them.
 */
export function placeNodes(network: Network, keepFloat: (node: NetworkNode) => boolean): Placement {
  const inFloat = new Set(
    network.nodes.filter((node) => node.op === 'float' || (node.op === 'conv' && keepFloat(node))),
  );
  const readers = readersOf(network);
  const feedsFloats = (node: NetworkNode): boolean =>
    (readers.get(node.output) ?? []).every((reader) => inFloat.has(reader));
  for (const node of network.nodes.toReversed()) {
    const isLast = node.output === network.output || (readers.get(node.output)?.length ?? 0) > 0;
    if (isLast && feedsFloats(node) && /^(lookup|view|avgPool)$/.test(node.op)) inFloat.add(node);
  }
  const makers = makersOf(network);
  for (const node of network.nodes) {
    if (node.op === 'conv' || node.op === 'constant' || inFloat.has(node)) continue;
    const sources = node.inputs.map((value) => makers.get(value));
    if (sources.every((maker) => maker !== undefined && (inFloat.has(maker) || maker.op === 'constant')))
      inFloat.add(node);
  }
  const gives = network.nodes.filter(
    (node) => node.op === 'conv' && !inFloat.has(node) && isOnePixel(node) && feedsFloats(node),
  );
  return { inFloat, givesNumbers: new Set(gives) };
}

function isOnePixel({ geometry: g, activation, inputs }: ConvNode): boolean {
  return g.outHeight * g.outWidth === 1 && activation === 'none' && inputs.length === 1 && g.groups === 1;
}
