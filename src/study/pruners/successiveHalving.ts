import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { runCohorts } from './cohorts.js';
import { type HalvingOptions, readHalving } from './halvingOptions.js';
import type { Pruner } from './pruner.js';
import { rungsBelow } from './scores.js';

/** Options of `successiveHalvingPruner`. */
export interface SuccessiveHalvingOptions extends HalvingOptions {
  /** Trials that compete. Default: `eta` to the power of the number of decisions, so that one is left. */
  trials?: number | undefined;
}

/**
 * Successive halving: a cohort of trials pauses at the step `least`; the best 1 / `eta` go on to `least` * `eta`, and so on. Each decision waits
 * for the slowest, but counts no trial out early. Free workers begin the next cohort meanwhile.
 *
 * Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
 */
export function successiveHalvingPruner(options: SuccessiveHalvingOptions): Pruner {
  checkOptions('successiveHalvingPruner', options, ['least', 'most', 'eta', 'trials']);
  const { least, most, eta } = readHalving('successiveHalvingPruner', options);
  const rungs = rungsBelow(least, most, eta);
  const size = checkWhole('successiveHalvingPruner', 'trials', options.trials ?? Math.round(eta ** rungs.length), 1);
  return {
    name: 'successiveHalving',
    settings: { least, most, eta, trials: size },
    begin: (trials) => runCohorts([{ size, rungs, most, eta }], trials),
  };
}
