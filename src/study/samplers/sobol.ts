import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import { buildConfiguration } from '../configurations.js';
import { fromUnit } from '../unit.js';
import type { Sampler } from './sampler.js';
import { SOBOL_DIMENSIONS, scramble, sobolCoordinate } from './sobolPoints.js';

/** Options of `sobolSampler`. */
export interface SobolSamplerOptions {
  /** Permutes the parts of each range at random by the study's seed; without it, every study has the same points. Default true. */
  scramble?: boolean | undefined;
}

/**
 * Spreads trials evenly by a Sobol sequence: however many there are, they cover every parameter's range and every pair of ranges, and more trials fill
 * the gaps. Powers of two are the best numbers of trials.
 *
 * Throws `ArgumentError` for spaces of more than 64 parameters.
 *
 * Source: Sobol 1967; direction numbers of Joe and Kuo 2008; scrambling of Owen 1995 by the hash of Burley 2020.
 */
export function sobolSampler(options: SobolSamplerOptions = {}): Sampler {
  checkOptions('sobolSampler', options, ['scramble']);
  const { scramble: isScrambled = true } = options;
  if (typeof isScrambled !== 'boolean') {
    throw new ArgumentError(`sobolSampler: scramble is ${String(isScrambled)}, but must be true or false.`);
  }
  return {
    name: 'sobol',
    settings: { scramble: isScrambled },
    sample: ({ space, seed, draw }) => {
      const { length } = Object.keys(space);
      if (length > SOBOL_DIMENSIONS) {
        throw new ArgumentError(
          `sobolSampler: the space has ${length} parameters, but there are direction numbers for ${SOBOL_DIMENSIONS}. Use latinHypercubeSampler or randomSampler.`,
        );
      }
      return buildConfiguration(space, (name, parameter, i) => {
        const point = sobolCoordinate(draw, i);
        const mixed = isScrambled ? scramble(point, new RandomStream(`${seed}/sobol/${name}`).bits() >>> 0) : point;
        return fromUnit(parameter, mixed / 2 ** 32);
      });
    },
  };
}
