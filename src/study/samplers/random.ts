import { buildConfiguration } from '../configurations.js';
import { fromUnit } from '../unit.js';
import type { Sampler } from './sampler.js';

/**
 * Draws every parameter independently: the baseline of every search, and hard to beat where few parameters matter.
 *
 * Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization".
 */
export function randomSampler(): Sampler {
  return {
    name: 'random',
    settings: {},
    sample: ({ space, random }) => buildConfiguration(space, (_, parameter) => fromUnit(parameter, random.uniform())),
  };
}
