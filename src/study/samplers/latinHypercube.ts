import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { RandomStream } from '../../base/random.js';
import { buildConfiguration } from '../configurations.js';
import { fromUnit } from '../unit.js';
import type { Sampler } from './sampler.js';

/** Options of `latinHypercubeSampler`. */
export interface LatinHypercubeSamplerOptions {
  /** Trials that cover the space together; later ones begin another design. Default 16. */
  samples?: number | undefined;
}

/**
 * Spreads trials evenly: of `samples` trials, each has its own of `samples` equal parts of every parameter's range.
 *
 * Source: McKay, Beckman and Conover 1979, "A comparison of three methods for selecting values of input variables".
 */
export function latinHypercubeSampler(options: LatinHypercubeSamplerOptions = {}): Sampler {
  checkOptions('latinHypercubeSampler', options, ['samples']);
  const samples = checkWhole('latinHypercubeSampler', 'samples', options.samples ?? 16, 1);
  return {
    name: 'latinHypercube',
    settings: { samples },
    sample: ({ space, seed, draw, random }) =>
      buildConfiguration(space, (name, parameter) => {
        const design = new RandomStream(`${seed}/design/${Math.floor(draw / samples)}/${name}`);
        const order = design.shuffle(Array.from({ length: samples }, (_, i) => i));
        return fromUnit(parameter, (order[draw % samples] + random.uniform()) / samples);
      }),
  };
}
