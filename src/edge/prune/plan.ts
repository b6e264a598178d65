import type { Module } from '../../layers/module.js';
import type { ChannelGroup, Channels } from './channelGroups.js';

/** What one call of `prune` removed. */
export interface PruneStep {
  /** The shape that the model was captured with. */
  readonly inputShape: readonly number[];
  /** For each layer whose channels were removed, their indices before. */
  readonly channels: Readonly<Record<string, readonly number[]>>;
  /** Blocks that were removed. */
  readonly blocks: readonly string[];
}

/** What was removed from a model, step by step, as plain data: see `applyPlan`. */
export type PrunePlan = readonly PruneStep[];

const plans = new WeakMap<Module, PrunePlan>();

/** Remembers how a model was pruned. */
export function rememberPlan(model: Module, plan: PrunePlan): void {
  plans.set(model, plan);
}

/** How a model was pruned; empty for one that wasn't. */
export function planOf(model: Module): PrunePlan {
  return plans.get(model) ?? [];
}

/** A step that removes these channels. */
export function stepOf({ graph, sets }: Channels, removed: ReadonlySet<ChannelGroup>): PruneStep {
  const channels: Record<string, number[]> = {};
  for (const { groups, layers } of sets) {
    for (const { filters } of groups.filter((group) => removed.has(group))) {
      // The first layer of a set stands for all.
      channels[layers[0]] = [...(channels[layers[0]] ?? []), ...filters[0].indices].sort((a, b) => a - b);
    }
  }
  return { inputShape: [...graph.shapeOf(graph.inputs[0])], channels, blocks: [] };
}
