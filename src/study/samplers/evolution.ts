import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';
import { buildConfiguration } from '../configurations.js';
import type { Configuration, ParameterValue, SearchParameter, SearchSpace } from '../space.js';
import { fromUnit, sizeOf, toUnit } from '../unit.js';
import type { Sampler } from './sampler.js';

/** Options of `evolutionSampler`. */
export interface EvolutionSamplerOptions {
  /** Trials that live at a time, the youngest; so many are drawn at random first. Default 50. */
  population?: number | undefined;
  /** Of how many drawn ones the best becomes the parent. Default 10, and the population at most. */
  tournament?: number | undefined;
}

/** How far a mutation moves a number: the standard deviation, as a share of its range. */
const STEP = 0.2;

/**
 * Regularized evolution: the best of a few random living trials is changed in one parameter, and the oldest dies, however good it is.
 *
 * Source: Real, Aggarwal, Huang and Le 2019, "Regularized evolution for image classifier architecture search", algorithm 1.
 */
export function evolutionSampler(options: EvolutionSamplerOptions = {}): Sampler {
  checkOptions('evolutionSampler', options, ['population', 'tournament']);
  const population = checkWhole('evolutionSampler', 'population', options.population ?? 50, 1);
  const tournament = checkWhole('evolutionSampler', 'tournament', options.tournament ?? Math.min(10, population), 1);
  if (tournament > population) {
    throw new ArgumentError(
      `evolutionSampler: tournament is ${tournament}, but must be at most the population of ${population}.`,
    );
  }
  return {
    name: 'evolution',
    settings: { population, tournament },
    sample({ space, random, finished, ranked }) {
      if (finished.length < population) {
        return buildConfiguration(space, (_, parameter) => fromUnit(parameter, random.uniform()));
      }
      const living = finished.slice(-population);
      const drawn = new Set(Array.from({ length: tournament }, () => living[random.integer(population)]));
      const parent = ranked().find((trial) => drawn.has(trial)) ?? living[0];
      return mutate(space, parent.config, random);
    },
  };
}

/**
 * A configuration that differs in one active parameter: another choice, or a number near the present one. Parameters that become active are
 * drawn at random.
 */
export function mutate(space: SearchSpace, parent: Configuration, random: RandomStream): Configuration {
  const open = Object.keys(parent).filter((name) => sizeOf(space[name]) > 1);
  const changed = open.length === 0 ? undefined : open[random.integer(open.length)];
  return buildConfiguration(space, (name, parameter) => {
    if (!(name in parent)) return fromUnit(parameter, random.uniform());
    return name === changed ? mutateValue(parameter, parent[name], random) : parent[name];
  });
}

function mutateValue(parameter: SearchParameter, value: ParameterValue, random: RandomStream): ParameterValue {
  if (parameter.type === 'choice') {
    const others = parameter.values.filter((v) => v !== value);
    return others[random.integer(others.length)];
  }
  // Whole numbers of a short range need a few tries to leave the present one.
  for (let i = 0; i < 20; i++) {
    const moved = fromUnit(parameter, reflected(toUnit(parameter, value) + STEP * random.normal()));
    if (moved !== value) return moved;
  }
  return fromUnit(parameter, random.uniform());
}

/** A place beyond an end of [0, 1], as far on the inside. */
function reflected(u: number): number {
  const folded = Math.abs(u) % 2;
  return folded > 1 ? 2 - folded : folded;
}
