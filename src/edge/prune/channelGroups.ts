import type { Graph, GraphNode, GraphValue } from '../../graph/index.js';
import { FIXED, Labels, type TensorLabels } from './labels.js';
import { type Labeled, rules, whole } from './rules.js';

/** Indices along an axis of a parameter or buffer. */
export interface Place {
  /** The value of the graph. */
  readonly value: number;
  readonly axis: number;
  readonly indices: readonly number[];
}

/** A channel with everything that has to go together with it. */
export interface ChannelGroup {
  /** What is removed of each parameter and buffer. */
  readonly places: readonly Place[];
  /** Those of `places` that are filters: what makes the channel. */
  readonly filters: readonly Place[];
}

/** Channels that are made and read by the same layers: any of them can go in place of another. */
export interface ChannelSet {
  /** The layers whose output channels these are, by their names in the state dict. */
  readonly layers: readonly string[];
  readonly groups: readonly ChannelGroup[];
}

/** What can be removed from a model. */
export interface Channels {
  readonly graph: Graph;
  readonly sets: readonly ChannelSet[];
  /** The labels of each value, for shapes after pruning. */
  readonly axes: readonly TensorLabels[];
  readonly labels: Labels;
}

/** Where the filters of an operation with weights are: axis 0, or 1 where the weight is transposed. */
export const filterAxis: Readonly<Record<string, number>> = { conv2d: 0, linear: 0, convTranspose2d: 1, matmul: 1 };

/** How constants that `forward` makes are taken: only zeros of a padded shortcut, or all of them. */
export type ConstantRule = (graph: Graph, node: GraphNode, value: GraphValue) => boolean;

/**
 * Finds the channels of a captured model that can be removed, each with all that depends on it: labels pass from operation to operation, and
 * those that meet in a sum, a depthwise convolution or a batch norm become one.
 *
 * Source: the dependency graph of Fang et al. 2023 (arXiv:2301.12900), section 3, as a union-find over channels.
 */
export function findChannels(graph: Graph, isSliceable: ConstantRule): Channels {
  const labels = new Labels();
  const axes: TensorLabels[] = graph.values.map(({ kind, shape }) =>
    kind === 'parameter' || kind === 'buffer' ? shape.map((size) => labels.fresh(size)) : shape.map(() => null),
  );
  const labeled = (id: number): Labeled => ({ shape: graph.shapeOf(id), axes: axes[id] });
  for (const node of graph.nodes) {
    for (const id of node.inputs) {
      const value = graph.values[id];
      if (value.kind !== 'constant' || axes[id].some((axis) => axis !== null) || !isSliceable(graph, node, value))
        continue;
      axes[id] = value.shape.map((size) => labels.fresh(size));
    }
    const rule = rules[node.op] ?? whole;
    const roles = Object.fromEntries(Object.entries(node.roles).map(([name, id]) => [name, labeled(id)]));
    const { attributes, inputs, outputs } = node;
    const output = graph.shapeOf(outputs[0]);
    axes[outputs[0]] = rule({ labels, inputs: inputs.map(labeled), output, attributes, roles });
  }
  for (const id of graph.outputs) for (const axis of axes[id]) labels.fix(axis);
  return { graph, axes, labels, sets: setsOf(graph, labels, axes) };
}

interface Draft {
  places: Map<string, Place & { indices: number[] }>;
  filters: Set<string>;
}

function setsOf(graph: Graph, labels: Labels, axes: readonly TensorLabels[]): ChannelSet[] {
  const filterKeys = new Set(
    graph.nodes.flatMap(({ op, inputs }) => (op in filterAxis ? [`${inputs[1]}:${filterAxis[op]}`] : [])),
  );
  const drafts = new Map<number, Draft>();
  for (const { id, kind } of graph.values) {
    if (kind !== 'parameter' && kind !== 'buffer') continue;
    for (const [axis, own] of axes[id].entries()) {
      const key = `${id}:${axis}`;
      for (const [i, label] of own?.entries() ?? []) {
        const root = labels.find(label);
        if (root === FIXED) continue;
        const draft = drafts.get(root) ?? { places: new Map(), filters: new Set() };
        drafts.set(root, draft);
        const place = draft.places.get(key) ?? { value: id, axis, indices: [] };
        draft.places.set(key, place);
        place.indices.push(i);
        if (filterKeys.has(key)) draft.filters.add(key);
      }
    }
  }
  const sets = new Map<string, { layers: string[]; groups: ChannelGroup[] }>();
  for (const { places, filters } of drafts.values()) {
    if (filters.size === 0) continue;
    const signature = [...places.keys()].join(' ');
    const made = [...filters].map((key) => places.get(key) as Place);
    const set = sets.get(signature) ?? { layers: made.map(({ value }) => layerOf(graph, value)), groups: [] };
    sets.set(signature, set);
    set.groups.push({ places: [...places.values()], filters: made });
  }
  return [...sets.values()];
}

/** The layer that a weight belongs to, by its name in the state dict. */
export function layerOf(graph: Graph, value: number): string {
  return (graph.values[value].name ?? `value ${value}`).replace(/\.weight$/, '');
}
