import { sizeOf } from '../../../base/shape.js';
import type { GraphParts } from '../../../graph/parts.js';
import { layOut } from '../../../graph/plan/arena.js';
import type { IntegerNetwork, IntegerNode, IntegerValue } from '../integers/integerNetwork.js';
import { imageOf } from '../network/network.js';

/** Where a value lies in the block of activations: bytes behind its beginning, and from pixel to pixel. */
export interface Place {
  readonly offset: number;
  /** Bytes from one pixel to the next; 0 for floats. */
  readonly pixel: number;
  /** The concatenation that it is a part of, in place; null for other values. */
  readonly whole: number | null;
}

export interface Layout {
  readonly places: readonly Place[];
  readonly floats: number;
}

/** Pixels of bytes begin at multiples of 4, since the loops read four at a time. */
export function pixelBytes(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/**
 * Lays out the values of one image in one block, where those that are never alive at the same time share memory. Parts of a concatenation with
 * the quantization of the whole lie inside it.
 */
export function placeValues(network: IntegerNetwork): Layout {
  const { values, nodes } = network;
  const inside = partsInside(network);
  const joined = new Map<number, number>([...inside].map(([part, { whole }]) => [part, whole]));
  for (const node of nodes) if (node.op === 'view') joined.set(node.y, node.x[0] as number);
  const views = [...joined].map(([part, whole]) => pseudoNode([whole], [part], true));
  const graph: GraphParts = {
    model: network.model,
    values: values.map((value, id) => ({ id, kind: 'activation', shape: [floatsOf(value)], name: null })),
    nodes: [...views, ...nodes.map((node) => pseudoNode(node.x, [node.y, ...innerOf(node)], false))],
    inputs: [network.input],
    outputs: [network.output],
    calls: [],
    tensors: new Map(),
  };
  const { offsets, floats } = layOut(graph, new Set());
  const pixelOf = (id: number): number => {
    const within = joined.get(id);
    const value = values[id] as IntegerValue;
    if (value.bytes === undefined) return 0;
    return within === undefined ? pixelBytes(imageOf(value.shape)?.channels ?? 1) : pixelOf(within);
  };
  const channelOf = (id: number): number => {
    const part = inside.get(id);
    if (part !== undefined) return part.channel + channelOf(part.whole);
    const within = joined.get(id);
    return within === undefined ? 0 : channelOf(within);
  };
  const places = values.map((_, id) => ({
    offset: 4 * (offsets.get(id) ?? 0) + channelOf(id),
    pixel: pixelOf(id),
    whole: inside.get(id)?.whole ?? null,
  }));
  return { places, floats };
}

function floatsOf({ shape, bytes }: IntegerValue): number {
  const image = imageOf(shape);
  if (bytes === undefined || image === null) return sizeOf(shape);
  return Math.ceil((image.height * image.width * pixelBytes(image.channels)) / 4);
}

function innerOf(node: IntegerNode): readonly number[] {
  return node.op === 'float' ? node.inner : [];
}

function pseudoNode(
  inputs: readonly number[],
  outputs: readonly number[],
  isView: boolean,
): GraphParts['nodes'][number] {
  return { op: 'integers', attributes: {}, inputs, outputs, roles: {}, call: -1, isView, kernels: [] };
}

/** Which value lies inside which concatenation, and at which channel. */
function partsInside({
  values,
  nodes,
  input,
}: IntegerNetwork): ReadonlyMap<number, { whole: number; channel: number }> {
  const inside = new Map<number, { whole: number; channel: number }>();
  const makers = new Map(nodes.map((node) => [node.y, node]));
  for (const node of nodes.toReversed()) {
    if (node.op !== 'concat') continue;
    const whole = values[node.y] as IntegerValue;
    let channel = 0;
    for (const part of node.x) {
      const value = values[part] as IntegerValue;
      const same = value.bytes?.scale === whole.bytes?.scale && value.bytes?.zero === whole.bytes?.zero;
      const maker = makers.get(part);
      const isMovable = maker !== undefined && !/^(constant|view)$/.test(maker.op) && part !== input;
      const isViewed = nodes.some((other) => other.op === 'view' && other.x[0] === part);
      const once = node.x.filter((other) => other === part).length === 1;
      if (same && isMovable && !isViewed && once && !inside.has(part)) inside.set(part, { whole: node.y, channel });
      channel += imageOf(value.shape)?.channels ?? 0;
    }
  }
  return inside;
}
