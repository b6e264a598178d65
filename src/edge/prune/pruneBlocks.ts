import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import { capture } from '../../graph/index.js';
import { cloneModule } from '../../layers/cloneModule.js';
import type { Module } from '../../layers/module.js';
import { residualBlocks } from './blocks.js';
import { Cost } from './cost.js';
import { planOf } from './plan.js';
import { removeBlocks, replaceBlocks } from './removeBlocks.js';
import { PruneResult, sizeOfModel } from './report.js';
import { type Score, scoreOf } from './score.js';

/** Options of `pruneBlocks`. */
export interface PruneBlocksOptions {
  /** The shape of an input [N, C, H, W]. */
  inputShape: Shape;
  /** The blocks to leave out, by name, or how many: then those that `score` misses least. */
  blocks: readonly string[] | number;
  /** Measures the model without a block: see `Score`. Needed where `blocks` is a number. */
  score?: Score | undefined;
}

/**
 * Leaves whole residual blocks out of a model and returns what is left: a shallower network, which is faster in proportion to its layers, since
 * what remains is as wide as before. A block can be left out if it adds something to its input and keeps its shape; `Identity` takes its place.
 *
 * With a number, blocks go one by one: each time the one without which the score is highest.
 *
 * Throws `ArgumentError` for names of other modules, and for more blocks than there are.
 *
 * Source: Veit et al. 2016 (arXiv:1605.06431), section 4.1, for networks that work without some of their blocks.
 *
 * @example
 * const { model: shallow } = await pruneBlocks(model, { inputShape: [1, 3, 32, 32], blocks: ['layer2.2', 'layer3.2'] });
 */
export async function pruneBlocks<M extends Module>(model: M, options: PruneBlocksOptions): Promise<PruneResult<M>> {
  checkOptions('pruneBlocks', options, ['inputShape', 'blocks', 'score']);
  const { inputShape, blocks, score } = options;
  if (inputShape === undefined)
    throw new ArgumentError('pruneBlocks: inputShape is missing, such as [1, 3, 224, 224].');
  const names = typeof blocks === 'number' ? await leastMissed(model, inputShape, blocks, score) : blocks;
  if (!Array.isArray(names)) throw new ArgumentError('pruneBlocks: blocks must be a number or a list of names.');
  const small = removeBlocks(model, inputShape, names);
  const [before, after] = [model, small].map((each) => new Cost(capture(each, inputShape)).macs());
  const parameters = [sizeOfModel(model), sizeOfModel(small)] as const;
  const parts = { model: small, layers: [], macs: [before, after] as const, parameters };
  return new PruneResult({ ...parts, plan: planOf(small), name: model.constructor.name });
}

async function leastMissed(
  model: Module,
  inputShape: Shape,
  count: number,
  score: Score | undefined,
): Promise<string[]> {
  checkWhole('pruneBlocks', 'blocks', count, 0);
  const open = residualBlocks(capture(model, inputShape));
  if (count > open.length) {
    throw new ArgumentError(
      `pruneBlocks: blocks is ${count}, but this ${model.constructor.name} has ${open.length} residual blocks that keep their shape.`,
    );
  }
  if (score === undefined) {
    throw new ArgumentError(
      'pruneBlocks: a number of blocks needs score, which says what the model is worth without one.',
    );
  }
  const trial = cloneModule(model);
  const chosen: string[] = [];
  for (let i = 0; i < count; i++) {
    const scores: number[] = [];
    for (const name of open) {
      const restore = replaceBlocks(trial, [name]);
      scores.push(await scoreOf('pruneBlocks', score, trial));
      restore();
    }
    const [name] = open.splice(scores.indexOf(Math.max(...scores)), 1);
    replaceBlocks(trial, [name]);
    chosen.push(name);
  }
  return chosen;
}
