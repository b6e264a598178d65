import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { type ChannelGroup, type Channels, layerOf } from './channelGroups.js';
import { Cost } from './cost.js';
import { KeptAxes } from './keptAxes.js';
import type { PrunePlan } from './plan.js';
import { channelsOf } from './preparePruning.js';
import { resultOf } from './prune.js';
import { removeBlocks } from './removeBlocks.js';

/**
 * Removes from a model what `prune` once removed from one like it: with the plan and the state dict of a pruned model, it can be made again.
 *
 * Throws `ArgumentError` for a plan that was made for another model.
 *
 * @example
 * const small = applyPlan(createModel('resnet20'), JSON.parse(plan));
 * small.loadStateDict(await loadWeights('small.safetensors'));
 */
export function applyPlan<M extends Module>(model: M, plan: PrunePlan): M {
  if (!Array.isArray(plan)) throw new ArgumentError('applyPlan: the plan must be the list that `prune` gave as plan.');
  let made = model;
  for (const { inputShape, channels: wanted, blocks } of plan as PrunePlan) {
    if (blocks.length > 0) made = removeBlocks(made, inputShape, blocks);
    if (Object.keys(wanted).length === 0) continue;
    const channels = channelsOf(made, inputShape);
    const left = new KeptAxes(channels);
    left.remove(groupsOf(channels, wanted));
    made = resultOf(made, channels, new Cost(channels.graph), left).model;
  }
  return made;
}

function groupsOf(channels: Channels, wanted: Readonly<Record<string, readonly number[]>>): ChannelGroup[] {
  const open = new Map(Object.entries(wanted).map(([layer, indices]) => [layer, new Set(indices)]));
  const found: ChannelGroup[] = [];
  for (const { groups } of channels.sets) {
    for (const group of groups) {
      const [{ value, indices }] = group.filters;
      const own = open.get(layerOf(channels.graph, value));
      if (own === undefined || !indices.every((i) => own.has(i))) continue;
      for (const i of indices) own.delete(i);
      found.push(group);
    }
  }
  for (const [layer, { size }] of open) {
    if (size === 0) continue;
    throw new ArgumentError(
      `applyPlan: the plan removes ${size} channels of '${layer}' that this model doesn't have. It was made for another model.`,
    );
  }
  return found;
}
