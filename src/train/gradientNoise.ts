import { checkOptions } from '../base/checkOptions.js';
import { randomStream } from '../base/random.js';
import { checkRange } from '../optim/options.js';
import type { TrainingPart } from './trainingPart.js';

/** How strong the noise is, and how fast it falls. */
export interface GradientNoiseOptions {
  /** The variance of the noise in the first step. Default 0.01. */
  variance?: number | undefined;
  /** How fast the variance falls: 0 keeps it. Default 0.55. */
  decay?: number | undefined;
}

/**
 * Adds normally distributed noise to the gradients before each step, less from step to step.
 *
 * variance(t) = variance / t^decay, where t counts from 1
 *
 * The noise comes from the random stream 'noise', so a resumed run gets the same. Put clipping after it to limit the sum.
 *
 * Throws `ArgumentError` unless variance and decay are >= 0.
 *
 * Source: Neelakantan et al. 2015 (arXiv:1511.06807), section 3.
 *
 * @example
 * await fit(model, { train, optimizer, epochs: 10, callbacks: [gradientNoise({ variance: 0.01 })] });
 */
export function gradientNoise(options: GradientNoiseOptions = {}): TrainingPart {
  checkOptions('gradientNoise', options, ['variance', 'decay']);
  const { variance = 0.01, decay = 0.55 } = options;
  checkRange('gradientNoise', 'variance', variance, 0, Infinity);
  checkRange('gradientNoise', 'decay', decay, 0, Infinity);
  return {
    onGradients(_run, { step, parameters }) {
      const deviation = Math.sqrt(variance / step ** decay);
      const random = randomStream('noise');
      for (const { grad } of parameters) {
        const data = grad?.data ?? [];
        for (let i = 0; i < data.length; i++) data[i] += deviation * random.normal();
      }
    },
  };
}
