import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';
import { buildConfiguration } from '../configurations.js';
import type { Configuration, ParameterValue, SearchParameter } from '../space.js';
import { fromUnit, toUnit } from '../unit.js';
import { categoryWeights, ParzenEstimator } from './parzen.js';
import type { Sampler } from './sampler.js';

/** Options of `tpeSampler`. */
export interface TpeSamplerOptions {
  /** Random trials before it begins to learn. Default 10. */
  startup?: number | undefined;
  /** The share of trials that count as good. Default 0.15. */
  gamma?: number | undefined;
  /** Values of each parameter to choose from. Default 24. */
  candidates?: number | undefined;
}

/** No more trials than this count as good, and no more as the others: time per draw does not grow with the study. */
const MOST_GOOD = 25;
const MOST_OTHERS = 200;

/**
 * The tree-structured Parzen estimator: models the values of good trials by a density l and those of the others by g, and tries the value,
 * among a few drawn from l, with the largest l / g. Parameters are independent of each other, given that they are active.
 *
 * Trials that run count among the others, so that parallel workers do not all try the same place.
 *
 * Source: Bergstra, Bardenet, Bengio and Kégl 2011, "Algorithms for hyper-parameter optimization", section 4. Bandwidths are clipped from
 * below as in the authors' hyperopt.
 */
export function tpeSampler(options: TpeSamplerOptions = {}): Sampler {
  checkOptions('tpeSampler', options, ['startup', 'gamma', 'candidates']);
  const startup = checkWhole('tpeSampler', 'startup', options.startup ?? 10, 1);
  const candidates = checkWhole('tpeSampler', 'candidates', options.candidates ?? 24, 1);
  const { gamma = 0.15 } = options;
  if (!(gamma > 0 && gamma < 1)) throw new ArgumentError(`tpeSampler: gamma is ${gamma}, but must be between 0 and 1.`);
  return {
    name: 'tpe',
    settings: { startup, gamma, candidates },
    sample({ space, random, finished, ranked, running }) {
      if (finished.length < startup) {
        return buildConfiguration(space, (_, parameter) => fromUnit(parameter, random.uniform()));
      }
      const order = ranked();
      const good = order.slice(0, Math.min(MOST_GOOD, Math.ceil(gamma * order.length)));
      const others = [...thinned(order.slice(good.length), MOST_OTHERS), ...thinned(asTrials(running), MOST_OTHERS)];
      return buildConfiguration(space, (name, parameter) => {
        const values = (trials: readonly { config: Configuration }[]): ParameterValue[] =>
          trials.flatMap(({ config }) => (name in config ? [config[name]] : []));
        return choose(parameter, values(good), values(others), candidates, random);
      });
    },
  };
}

function choose(
  parameter: SearchParameter,
  good: readonly ParameterValue[],
  others: readonly ParameterValue[],
  candidates: number,
  random: RandomStream,
): ParameterValue {
  if (parameter.type === 'choice') return chooseCategory(parameter.values, good, others, candidates, random);
  const l = new ParzenEstimator(good.map((value) => toUnit(parameter, value)));
  const g = new ParzenEstimator(others.map((value) => toUnit(parameter, value)));
  let best = 0.5;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < candidates; i++) {
    const u = l.sample(random);
    const ratio = l.logDensity(u) - g.logDensity(u);
    if (ratio > most) [best, most] = [u, ratio];
  }
  return fromUnit(parameter, best);
}

function chooseCategory(
  values: readonly ParameterValue[],
  good: readonly ParameterValue[],
  others: readonly ParameterValue[],
  candidates: number,
  random: RandomStream,
): ParameterValue {
  const l = categoryWeights(values, good);
  const g = categoryWeights(values, others);
  let best = -1;
  for (let i = 0; i < candidates; i++) {
    let rest = random.uniform();
    let drawn = 0;
    while (drawn < l.length - 1 && rest >= l[drawn]) rest -= l[drawn++];
    if (best < 0 || l[drawn] / g[drawn] > l[best] / g[best]) best = drawn;
  }
  return values[best];
}

/** At most `most` of a list, evenly spaced. */
function thinned<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}

function asTrials(running: readonly Configuration[]): { config: Configuration }[] {
  return running.map((config) => ({ config }));
}
