import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';
import { ashaPruner } from './pruners/asha.js';
import { hyperbandPruner } from './pruners/hyperband.js';
import { medianPruner } from './pruners/median.js';
import type { Pruner } from './pruners/pruner.js';
import { successiveHalvingPruner } from './pruners/successiveHalving.js';
import { evolutionSampler } from './samplers/evolution.js';
import { gridSampler } from './samplers/grid.js';
import { latinHypercubeSampler } from './samplers/latinHypercube.js';
import { randomSampler } from './samplers/random.js';
import type { Sampler } from './samplers/sampler.js';
import { sobolSampler } from './samplers/sobol.js';
import { tpeSampler } from './samplers/tpe.js';

const SAMPLERS: Readonly<Record<string, (options: never) => Sampler>> = {
  random: randomSampler,
  grid: gridSampler,
  latinHypercube: latinHypercubeSampler,
  sobol: sobolSampler,
  tpe: tpeSampler,
  evolution: evolutionSampler,
};

const PRUNERS: Readonly<Record<string, (options: never) => Pruner>> = {
  median: medianPruner,
  asha: ashaPruner,
  successiveHalving: successiveHalvingPruner,
  hyperband: hyperbandPruner,
};

/** The sampler of that name with these options, for settings that come from a file: 'random', 'grid', 'latinHypercube', 'sobol', 'tpe', 'evolution'. */
export function createSampler(name: string, options: object = {}): Sampler {
  return find('createSampler', 'sampler', SAMPLERS, name)(options as never);
}

/** The pruner of that name with these options, for settings that come from a file: 'median', 'asha', 'successiveHalving', 'hyperband'. */
export function createPruner(name: string, options: object = {}): Pruner {
  return find('createPruner', 'pruner', PRUNERS, name)(options as never);
}

function find<T>(who: string, what: string, table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name];
  const [nearest] = nearestNames(name, Object.keys(table));
  const hint = nearest === undefined ? `They are ${Object.keys(table).join(', ')}.` : `Did you mean ${nearest}?`;
  throw new ArgumentError(`${who}: there is no ${what} '${name}'. ${hint}`);
}
