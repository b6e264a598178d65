import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { GO_ON, type Pruner } from './pruner.js';
import { insertScore } from './scores.js';

/** Options of `medianPruner`. */
export interface MedianPrunerOptions {
  /** Trials that have reported a step before any is stopped there. Default 5. */
  startup?: number | undefined;
  /** No trial is stopped before this step. Default 1. */
  warmup?: number | undefined;
}

/**
 * Stops a trial whose best value so far is worse than the median of all values that other trials had at the same step.
 *
 * Source: Golovin et al. 2017, "Google Vizier", section 3.2.2, with values at the step instead of running means.
 */
export function medianPruner(options: MedianPrunerOptions = {}): Pruner {
  checkOptions('medianPruner', options, ['startup', 'warmup']);
  const startup = checkWhole('medianPruner', 'startup', options.startup ?? 5, 1);
  const warmup = checkWhole('medianPruner', 'warmup', options.warmup ?? 1, 0);
  return {
    name: 'median',
    settings: { startup, warmup },
    begin() {
      const bestOf = new Map<number, number>();
      const scoresAt = new Map<number, number[]>();
      return {
        untilOf: () => undefined,
        ended: () => GO_ON,
        report(number, step, score) {
          const best = Math.max(score, bestOf.get(number) ?? Number.NEGATIVE_INFINITY);
          bestOf.set(number, best);
          const others = scoresAt.get(step) ?? [];
          scoresAt.set(step, others);
          const isWorse = others.length >= startup && step >= warmup && best < median(others);
          insertScore(others, score);
          return isWorse ? [{ number, fate: 'stop' }] : GO_ON;
        },
      };
    },
  };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
