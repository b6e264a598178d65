import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import {
  type Configuration,
  evolutionSampler,
  type Journal,
  memoryJournal,
  type Pruner,
  type ReportAnswer,
  randomSampler,
  type Sampler,
  type SearchSpace,
  Study,
  type Trial,
} from '../study/index.js';

/** Options of `searchArchitectures`. */
export interface ArchitectureSearchOptions {
  /** Configurations that each search tries. Default 100. */
  budget?: number | undefined;
  /** How many searches, with the seeds 0, 1, ... Default 1. */
  seeds?: number | undefined;
  /** How configurations are chosen. Default: regularized evolution with a population of 20 and tournaments of 10. */
  sampler?: (() => Sampler) | undefined;
  /** What stops hopeless trainings, in random search too, such as `() => ashaPruner({ most: 9 })`. Default: nothing. */
  pruner?: (() => Pruner) | undefined;
  /** Where each search is recorded, by its name: `evolution-0`, `random-0`. Default: in memory. */
  journal?: ((name: string) => Journal) | undefined;
  /** How a configuration is printed. Default: as JSON. */
  format?: ((config: Configuration) => string) | undefined;
}

/** What an evaluation gets besides the configuration. */
export interface EvaluationContext {
  /** Reports the value after a step, for the pruner. After another answer than 'continue', the result doesn't count. */
  report(step: number, value: number): ReportAnswer;
  /** The trial, which may be a further attempt. */
  trial: Trial;
}

/** What one search found. */
export interface FoundArchitecture {
  /** The best configuration. */
  config: Configuration;
  /** Its value. */
  value: number;
}

/** A search, and random search with the same budget beside it. */
export interface ArchitectureSearch {
  /** The name of the sampler. */
  sampler: string;
  /** Configurations that each search tried. */
  budget: number;
  /** The best of each seed. */
  found: readonly FoundArchitecture[];
  /** The best of random search, for each seed. */
  random: readonly FoundArchitecture[];
  /** The mean of the best values. */
  meanBest: number;
  /** The mean of the best values of random search. */
  meanRandom: number;
  /** Both as text. */
  toString(): string;
}

/**
 * Looks for the configuration with the largest value, and does the same by random search with the same budget, which is hard to beat and belongs beside
 * every result. A value that isn't finite counts as a failure.
 *
 * @example
 * const search = await searchArchitectures(blockSpace(), (config) => train(new BlockNetwork(blocksOf(config))), { budget: 40 });
 * console.log(String(search));
 */
export async function searchArchitectures(
  space: SearchSpace,
  evaluate: (config: Configuration, context: EvaluationContext) => number | undefined | Promise<number | undefined>,
  options: ArchitectureSearchOptions = {},
): Promise<ArchitectureSearch> {
  checkOptions('searchArchitectures', options, ['budget', 'seeds', 'sampler', 'pruner', 'journal', 'format']);
  const budget = checkWhole('searchArchitectures', 'budget', options.budget ?? 100, 1);
  const seeds = checkWhole('searchArchitectures', 'seeds', options.seeds ?? 1, 1);
  const { sampler = () => evolutionSampler({ population: 20, tournament: 10 }), journal = () => memoryJournal() } =
    options;
  const { pruner, format = JSON.stringify } = options;
  const searchWith = async (chosen: Sampler, seed: number): Promise<FoundArchitecture> => {
    const study = new Study({
      ...{ space, seed, sampler: chosen, pruner: pruner?.(), trials: budget },
      objectives: { value: 'maximize' },
      journal: journal(`${chosen.name}-${seed}`),
    });
    for (let trial = study.ask(); trial !== null; trial = study.ask()) await tryOut(study, trial, evaluate);
    const { best } = study;
    return best === undefined
      ? { config: study.trials[0].config, value: Number.NaN }
      : { config: best.config, value: best.values?.value as number };
  };
  const found: FoundArchitecture[] = [];
  const random: FoundArchitecture[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    found.push(await searchWith(sampler(), seed));
    random.push(await searchWith(randomSampler(), seed));
  }
  const { name } = sampler();
  return {
    ...{ sampler: name, budget, found, random, meanBest: meanOf(found), meanRandom: meanOf(random) },
    toString: () => `${describe(name, budget, found, format)}\n${describe('random', budget, random, format)}`,
  };
}

async function tryOut(study: Study, trial: Trial, evaluate: Parameters<typeof searchArchitectures>[1]): Promise<void> {
  let last: ReportAnswer = 'continue';
  const report = (step: number, value: number): ReportAnswer => {
    last = study.report(trial, step, value);
    return last;
  };
  const value = await evaluate(trial.config, { report, trial });
  if (last === ('continue' as ReportAnswer)) study.tell(trial, value ?? Number.NaN);
}

function meanOf(found: readonly FoundArchitecture[]): number {
  return found.reduce((sum, { value }) => sum + value, 0) / found.length;
}

/** `evolution: 72.81 ± 0.41 over 30 seeds with 100 trials; the best 73.2: ...` */
function describe(
  name: string,
  budget: number,
  found: readonly FoundArchitecture[],
  format: (config: Configuration) => string,
): string {
  const mean = meanOf(found);
  const deviation = Math.sqrt(
    found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / Math.max(1, found.length - 1),
  );
  const best = found.reduce((a, b) => (b.value > a.value ? b : a));
  const spread = found.length > 1 ? ` ± ${deviation.toFixed(2)} over ${found.length} seeds` : '';
  return `${name.padEnd(10)} ${mean.toFixed(2)}${spread} with ${budget} trials; the best ${best.value.toFixed(2)}: ${format(best.config)}`;
}
