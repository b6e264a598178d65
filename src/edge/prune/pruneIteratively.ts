import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { capture } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import { textTable } from '../../metrics/textTable.js';
import { Cost } from './cost.js';
import type { PrunePlan } from './plan.js';
import type { PruneOptions } from './preparePruning.js';
import { prune } from './prune.js';
import { type Score, scoreOf } from './score.js';

/** Options of `pruneIteratively`: those of `prune` with a speedup, and what happens between steps. */
export interface PruneIterativelyOptions extends Omit<PruneOptions, 'keep' | 'speedup'> {
  /** How many times fewer multiply-adds the last model has. */
  speedup: number;
  /** In how many steps; each is the same factor. Default 4. */
  steps?: number | undefined;
  /** Trains the model after each step, usually for an epoch or a few with `fit`; `step` counts from 1. */
  fineTune: (model: Module, step: number) => unknown;
  /** Measures the model before and after fine-tuning: see `Score`. Default: not measured. */
  score?: Score | undefined;
}

/** One step of `pruneIteratively`. */
export interface PruneIteration {
  /** How many times fewer multiply-adds there are than in the original. */
  readonly speedup: number;
  /** The score before fine-tuning; NaN without `score`. */
  readonly pruned: number;
  /** The score after it. */
  readonly tuned: number;
}

/** What `pruneIteratively` returns. */
export class IterativeResult<M extends Module = Module> {
  constructor(
    /** The smaller model, fine-tuned. */
    readonly model: M,
    /** One entry per step. */
    readonly steps: readonly PruneIteration[],
    /** What was removed, for `applyPlan`. */
    readonly plan: PrunePlan,
  ) {}

  /** A table with one line per step. */
  toString(): string {
    const cell = (score: number): string => (Number.isNaN(score) ? '-' : score.toFixed(4));
    const lines = this.steps.map(({ speedup, pruned, tuned }, i) => [
      `${i + 1}`,
      `${speedup.toFixed(2)}x`,
      cell(pruned),
      cell(tuned),
    ]);
    return textTable([['step', 'speedup', 'pruned', 'fine-tuned'], ...lines]);
  }
}

/**
 * Prunes in several steps with training between them, which keeps more accuracy at high speedups than one step does: after each step, importance is
 * measured anew.
 *
 * Throws what `prune` and the given functions throw.
 *
 * Source: Han et al. 2015 (arXiv:1506.02626), section 3; for filters Molchanov et al. 2017 (arXiv:1611.06440).
 *
 * @example
 * const { model: small } = await pruneIteratively(model, { inputShape, speedup: 4, steps: 4, fineTune: (m) => fit(m, optionsFor(m)) });
 */
export async function pruneIteratively<M extends Module>(
  model: M,
  options: PruneIterativelyOptions,
): Promise<IterativeResult<M>> {
  const own = ['inputShape', 'speedup', 'criterion', 'scope', 'data', 'loss', 'skip', 'multiple', 'minKept'];
  checkOptions('pruneIteratively', options, [...own, 'steps', 'fineTune', 'score']);
  const { speedup, steps = 4, fineTune, score, ...pruning } = options;
  checkWhole('pruneIteratively', 'steps', steps, 1);
  if (typeof fineTune !== 'function') {
    throw new ArgumentError('pruneIteratively: fineTune is missing: a function that trains the model after each step.');
  }
  const macsOf = (each: Module): number => new Cost(capture(each, pruning.inputShape)).macs();
  const whole = macsOf(model);
  const measured = async (each: Module): Promise<number> =>
    score === undefined ? Number.NaN : scoreOf('pruneIteratively', score, each);
  const iterations: PruneIteration[] = [];
  let [current, plan]: [M, PrunePlan] = [model, []];
  for (let step = 1; step <= steps; step++) {
    const target = speedup ** (step / steps);
    const result = prune(current, { ...pruning, speedup: Math.max(1, (target * macsOf(current)) / whole) });
    ({ model: current, plan } = result);
    const pruned = await measured(current);
    await fineTune(current, step);
    iterations.push({ speedup: whole / macsOf(current), pruned, tuned: await measured(current) });
  }
  return new IterativeResult(current, iterations, plan);
}
