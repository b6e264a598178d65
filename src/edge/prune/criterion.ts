import { ArgumentError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import type { Graph } from '../../graph/index.js';
import type { ChannelGroup, Channels, Place } from './channelGroups.js';

/** How much a channel matters; the least important go first. */
export type Criterion = 'l1' | 'l2' | 'batchNorm' | 'taylor';

/** The names of all criteria. */
export const criteria: readonly Criterion[] = ['l1', 'l2', 'batchNorm', 'taylor'];

/** A number for each channel. */
export type Scores = ReadonlyMap<ChannelGroup, number>;

/**
 * Scores by the norm of filters. Each layer's norms are divided by their mean, so that layers with large weights are not spared, and channels
 * that several layers make have the mean of all.
 *
 * Source: Li et al. 2017 (arXiv:1608.08710), section 3.1, for the L1 norm.
 */
export function normScores(channels: Channels, power: 1 | 2): Scores {
  const known = new Map<string, Float64Array>();
  const normsOf = ({ value, axis }: Place): Float64Array => {
    const key = `${value}:${axis}`;
    const norms = known.get(key) ?? relativeNorms(channels.graph, value, axis, power);
    known.set(key, norms);
    return norms;
  };
  return scoresOf(channels, ({ filters }) =>
    meanOf(filters.flatMap((place) => place.indices.map((i) => normsOf(place)[i]))),
  );
}

/**
 * Scores by the scale of batch norms, which sparse training (see `batchNormSparsity`) drives to zero where a channel isn't needed. Channels
 * without a batch norm have no score and stay.
 *
 * Source: Liu et al. 2017 (arXiv:1708.06519), section 3.
 */
export function batchNormScores(channels: Channels): Scores {
  const { graph } = channels;
  const scales = new Set(graph.nodes.flatMap(({ op, roles }) => (/^batchNorm/.test(op) ? [roles.weight] : [])));
  const scores = scoresOf(channels, ({ places }) => {
    const own = places.filter(({ value }) => scales.has(value));
    const values = own.flatMap(({ value, indices }) => indices.map((i) => Math.abs(numbers(graph, value)[i])));
    return values.length === 0 ? Number.POSITIVE_INFINITY : meanOf(values);
  });
  if ([...scores.values()].some(Number.isFinite)) return scores;
  throw new ArgumentError(
    "prune: the criterion is 'batchNorm', but no channel of this model has a batch norm with a scale. Use 'l1', 'l2' or 'taylor'.",
  );
}

export function scoresOf({ sets }: Channels, score: (group: ChannelGroup) => number): Map<ChannelGroup, number> {
  return new Map(sets.flatMap(({ groups }) => groups.map((group): [ChannelGroup, number] => [group, score(group)])));
}

/** The numbers of a parameter or buffer. */
export function numbers(graph: Graph, value: number): Float32Array {
  const tensor = graph.tensors.get(value);
  if (tensor === undefined) throw new ArgumentError('prune: the graph has a parameter without numbers.');
  return tensor.data;
}

/** The norm of each slice along an axis, divided by the mean norm. */
function relativeNorms(graph: Graph, value: number, axis: number, power: 1 | 2): Float64Array {
  const shape = graph.shapeOf(value);
  const norms = new Float64Array(shape[axis]);
  const inner = sizeOf(shape.slice(axis + 1));
  for (const [i, w] of numbers(graph, value).entries()) {
    norms[Math.floor(i / inner) % shape[axis]] += power === 1 ? Math.abs(w) : w * w;
  }
  if (power === 2) for (const [i, sum] of norms.entries()) norms[i] = Math.sqrt(sum);
  const mean = norms.reduce((a, b) => a + b, 0) / norms.length;
  return mean === 0 ? norms : norms.map((norm) => norm / mean);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
