import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import { capture } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import type { LabeledBatch, Loss } from '../../train/index.js';
import { type Channels, findChannels, layerOf } from './channelGroups.js';
import { Cost } from './cost.js';
import { batchNormScores, type Criterion, criteria, normScores, type Scores } from './criterion.js';
import { type KeptAxes, keptIndices } from './keptAxes.js';
import { isPadding } from './padding.js';
import { type PrunePlan, planOf, rememberPlan, stepOf } from './plan.js';
import { type LayerRow, PruneResult } from './report.js';
import { candidatesOf, removeGlobally, removeShares, removeToCost } from './select.js';
import { isRewritable, shrinkModel } from './shrinkModel.js';
import { taylorScores } from './taylor.js';

/** Options of `prune`. */
export interface PruneOptions {
  /** The shape of an input [N, C, H, W], for which multiply-adds are counted. */
  inputShape: Shape;
  /** How many times fewer multiply-adds the result has: 2 halves them. */
  speedup?: number | undefined;
  /** Instead of `speedup`: the share of channels to keep, from 0 to 1, of all layers or of those named. */
  keep?: number | Readonly<Record<string, number>> | undefined;
  /** Which channels matter least. Default 'l2'. */
  criterion?: Criterion | undefined;
  /** 'global' compares the channels of all layers; 'layer' takes the same share from each. Default 'global'. */
  scope?: 'global' | 'layer' | undefined;
  /** Batches for the criterion 'taylor': a few hundred images of the training data, normalized as in training. */
  data?: Iterable<LabeledBatch> | undefined;
  /** The loss for 'taylor'. Default `classificationLoss`. */
  loss?: Loss | undefined;
  /** Layers that keep all output channels, by name, or by an expression that names match. Default: none. */
  skip?: readonly (string | RegExp)[] | undefined;
  /** Layers keep a multiple of so many channels, where they had one: 4 or 8 suits SIMD kernels. Default 1. */
  multiple?: number | undefined;
  /** The share of its channels that each layer keeps at least, from 0 to 1. Default 0.1. */
  minKept?: number | undefined;
}

const optionNames: Record<keyof PruneOptions, true> = {
  inputShape: true,
  speedup: true,
  keep: true,
  criterion: true,
  scope: true,
  data: true,
  loss: true,
  skip: true,
  multiple: true,
  minKept: true,
};

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
  checkPruneOptions(options);
  const { inputShape, speedup, keep, criterion = 'l2', scope = 'global', multiple = 1, minKept = 0.1 } = options;
  const channels = channelsOf(model, inputShape);
  const { skip = [] } = options;
  const isSkipped = ({ layers }: { layers: readonly string[] }): boolean =>
    skip.some((name) => layers.some((layer) => (typeof name === 'string' ? layer === name : name.test(layer))));
  expectLayers(channels, [
    ...skip.filter((name) => typeof name === 'string'),
    ...(typeof keep === 'object' ? Object.keys(keep) : []),
  ]);
  const cost = new Cost(channels.graph);
  const scores = scoresFor(channels, model, criterion, options);
  const candidates = candidatesOf(channels, cost, scores, { multiple, minKept, isSkipped });
  if (candidates.units.every((units) => units.length === 0)) {
    throw new ArgumentError(
      `prune: no channel of this ${model.constructor.name} can be removed${skip.length > 0 ? ' with these layers skipped' : ''}.`,
    );
  }
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

/** What can be removed from a model. */
export function channelsOf(model: Module, inputShape: Shape): Channels {
  return findChannels(capture(model, inputShape), isRewritable(model) ? () => true : isPadding);
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
    parameters: [size(model), size(small)],
    plan,
    name: graph.model,
  });
}

function size(model: Module): number {
  return [...model.parameters()].reduce((sum, p) => sum + p.size, 0);
}

function scoresFor(channels: Channels, model: Module, criterion: Criterion, { data, loss }: PruneOptions): Scores {
  if (criterion === 'taylor') {
    if (data === undefined) {
      throw new ArgumentError(
        "prune: the criterion 'taylor' needs data: batches { x, labels } such as those of a DataLoader.",
      );
    }
    return taylorScores(channels, model, data, loss);
  }
  return criterion === 'batchNorm' ? batchNormScores(channels) : normScores(channels, criterion === 'l1' ? 1 : 2);
}

function checkPruneOptions(options: PruneOptions): void {
  checkOptions('prune', options, Object.keys(optionNames));
  const { inputShape, speedup, keep, criterion = 'l2', scope = 'global', multiple = 1, minKept = 0.1 } = options;
  if (inputShape === undefined) throw new ArgumentError('prune: inputShape is missing, such as [1, 3, 224, 224].');
  if ((speedup === undefined) === (keep === undefined)) {
    throw new ArgumentError(
      `prune: ${keep === undefined ? 'neither speedup nor keep is given' : 'both speedup and keep are given'}, but one of them is needed.`,
    );
  }
  if (speedup !== undefined && !(speedup >= 1 && Number.isFinite(speedup))) {
    throw new ArgumentError(`prune: speedup is ${speedup}, but must be a number >= 1.`);
  }
  for (const [name, share] of typeof keep === 'object' ? Object.entries(keep) : [['', keep ?? 1] as const]) {
    if (share >= 0 && share <= 1) continue;
    throw new ArgumentError(`prune: keep${name === '' ? '' : ` of '${name}'`} is ${share}, but must be from 0 to 1.`);
  }
  if (!criteria.includes(criterion)) {
    throw new ArgumentError(
      `prune: criterion is '${criterion}', but must be one of ${criteria.map((c) => `'${c}'`).join(', ')}.`,
    );
  }
  if (scope !== 'global' && scope !== 'layer') {
    throw new ArgumentError(`prune: scope is '${String(scope)}', but must be 'global' or 'layer'.`);
  }
  checkWhole('prune', 'multiple', multiple, 1);
  if (!(minKept >= 0 && minKept <= 1)) {
    throw new ArgumentError(`prune: minKept is ${minKept}, but must be from 0 to 1.`);
  }
}

function expectLayers({ sets, graph }: Channels, names: readonly string[]): void {
  const known = new Set(sets.flatMap(({ layers }) => layers));
  const all = new Set(graph.values.filter(({ kind }) => kind === 'parameter').map(({ id }) => layerOf(graph, id)));
  for (const name of names) {
    if (known.has(name) || all.has(name)) continue;
    throw new ArgumentError(
      `prune: there is no layer '${name}' whose channels can be removed. There are ${[...known].join(', ')}.`,
    );
  }
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
