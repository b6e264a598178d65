import { checkOptions } from '../../base/checkOptions.js';
import { type CohortPlan, runCohorts } from './cohorts.js';
import { type HalvingOptions, readHalving } from './halvingOptions.js';
import type { Pruner } from './pruner.js';
import { rungsBelow } from './scores.js';

/**
 * Hyperband: successive halving with cohorts of several kinds in turn, from many trials that are stopped early to few that run to the end, since
 * nobody knows how soon a trial shows what it is worth.
 *
 * Source: Li et al. 2018, "Hyperband: a novel bandit-based approach to hyperparameter optimization", algorithm 1.
 */
export function hyperbandPruner(options: HalvingOptions): Pruner {
  checkOptions('hyperbandPruner', options, ['least', 'most', 'eta']);
  const { least, most, eta } = readHalving('hyperbandPruner', options);
  return {
    name: 'hyperband',
    settings: { least, most, eta },
    begin: (trials) => runCohorts(bracketsOf(least, most, eta), trials),
  };
}

/** The cohorts of Hyperband, from the one that is stopped earliest to the one that isn't stopped. */
export function bracketsOf(least: number, most: number, eta: number): CohortPlan[] {
  // A power of eta must not fall short by rounding.
  const last = Math.floor(Math.log(most / least) / Math.log(eta) + 1e-9);
  return Array.from({ length: last + 1 }, (_, i) => {
    const s = last - i;
    const size = Math.ceil(((last + 1) / (s + 1)) * eta ** s - 1e-9);
    return { size, rungs: rungsBelow(most / eta ** s, most, eta), most, eta };
  });
}
