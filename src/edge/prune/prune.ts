import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import type { Channels } from './channelGroups.js';
import type { Cost } from './cost.js';
import { type KeptAxes, keptIndices } from './keptAxes.js';
import { type PrunePlan, planOf, rememberPlan, stepOf } from './plan.js';
import { type PruneOptions, preparePruning } from './preparePruning.js';
import { type LayerRow, PruneResult, sizeOfModel } from './report.js';
import { removeGlobally, removeShares, removeToCost } from './select.js';
import { shrinkModel } from './shrinkModel.js';

/**
 * Removes the least important channels of a model, each with everything that depends on it, and returns a smaller model of the same class: its
 * layers have fewer channels, and its weights, plans and exports are ordinary. The original stays as it is.
 *
 * Which channels belong together is found on the captured graph: residual additions, concatenations, depthwise and grouped convolutions,
 * squeeze-and-excitation, batch norms, channel shuffles, and flattened images before a linear layer. Before fine-tuning, the smaller model answers
 * as the original would with the removed channels at zero.
 *
 * Give either `speedup` or `keep`. Fine-tune the result with `fit`, at the learning rate of the middle of training.
 *
 * Throws `ArgumentError` for a speedup that can't be reached, with the one that can; for a model whose graph can't be captured, what `capture`
 * throws.
 *
 * Source: Li et al. 2017 (arXiv:1608.08710); the groups as in Fang et al. 2023 (arXiv:2301.12900).
 *
 * @example
 * const { model: small } = prune(model, { inputShape: [1, 3, 32, 32], speedup: 2 });
 */
export function prune<M extends Module>(model: M, options: PruneOptions): PruneResult<M> {
  const { channels, cost, candidates } = preparePruning(model, options);
  const { speedup, keep, scope = 'global' } = options;
  let left: KeptAxes;
  if (keep === undefined) {
    const target = cost.macs() / (speedup as number);
    left = removeToCost(candidates, target, scope);
    if (cost.macs(left) > target) throw unreachable(model, cost, left, options);
  } else if (typeof keep === 'object') {
    const shares = channels.sets.map(({ layers }) => Math.min(1, ...layers.map((layer) => keep[layer] ?? 1)));
    left = removeShares(candidates, (set) => 1 - shares[set]);
  } else if (scope === 'layer') left = removeShares(candidates, () => 1 - keep);
  else {
    const total = channels.sets.reduce((n, { groups }) => n + groups.length, 0);
    left = removeGlobally(candidates, ({ removed }) => removed.size >= Math.round((1 - keep) * total));
  }
  return resultOf(model, channels, cost, left);
}

/** The pruned model, and what there is to say about it. */
export function resultOf<M extends Module>(model: M, channels: Channels, cost: Cost, left: KeptAxes): PruneResult<M> {
  const { graph } = channels;
  const small = shrinkModel(model, channels, keptIndices(channels, left.removed));
  const rows = channels.sets.map(({ layers, groups }): LayerRow => {
    return { layers, before: groups.length, after: groups.filter((group) => !left.removed.has(group)).length };
  });
  const plan: PrunePlan = [...planOf(model), stepOf(channels, left.removed)];
  rememberPlan(small, plan);
  return new PruneResult({
    model: small,
    layers: rows,
    macs: [cost.macs(), cost.macs(left)],
    parameters: [sizeOfModel(model), sizeOfModel(small)],
    plan,
    name: graph.model,
  });
}

function unreachable(
  model: Module,
  cost: Cost,
  left: KeptAxes,
  { speedup, minKept = 0.1 }: PruneOptions,
): ArgumentError {
  const most = cost.macs() / cost.macs(left);
  return new ArgumentError(
    `prune: a speedup of ${speedup} can't be reached. This ${model.constructor.name} gets to ${(Math.floor(most * 100) / 100).toFixed(2)} when every layer keeps at least ${Math.round(100 * minKept)} % of its channels (minKept) and one of them. Ask for less, lower minKept, or skip fewer layers.`,
  );
}
