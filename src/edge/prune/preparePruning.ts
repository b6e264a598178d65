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
import { isPadding } from './padding.js';
import { type Candidates, candidatesOf } from './select.js';
import { isRewritable } from './shrinkModel.js';
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

/** What can be removed from a model, what that saves, and the order in which it goes. */
export interface Pruning {
  readonly channels: Channels;
  readonly cost: Cost;
  readonly candidates: Candidates;
}

/** Checks the options, finds the channels and orders them by importance. Throws as `prune` does. */
export function preparePruning(model: Module, options: PruneOptions): Pruning {
  checkPruneOptions(options);
  const { inputShape, keep, multiple = 1, minKept = 0.1, skip = [] } = options;
  const channels = channelsOf(model, inputShape);
  const isSkipped = ({ layers }: { layers: readonly string[] }): boolean =>
    skip.some((name) => layers.some((layer) => (typeof name === 'string' ? layer === name : name.test(layer))));
  expectLayers(channels, [
    ...skip.filter((name) => typeof name === 'string'),
    ...(typeof keep === 'object' ? Object.keys(keep) : []),
  ]);
  const cost = new Cost(channels.graph);
  const scores = scoresFor(channels, model, options);
  const candidates = candidatesOf(channels, cost, scores, { multiple, minKept, isSkipped });
  if (candidates.units.every((units) => units.length === 0)) {
    throw new ArgumentError(
      `prune: no channel of this ${model.constructor.name} can be removed${skip.length > 0 ? ' with these layers skipped' : ''}.`,
    );
  }
  return { channels, cost, candidates };
}

/** What can be removed from a model. */
export function channelsOf(model: Module, inputShape: Shape): Channels {
  return findChannels(capture(model, inputShape), isRewritable(model) ? () => true : isPadding);
}

function scoresFor(channels: Channels, model: Module, { criterion = 'l2', data, loss }: PruneOptions): Scores {
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
