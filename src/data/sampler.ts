import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { RandomStream } from '../base/random.js';

/** Chooses the images of an epoch, and their order. */
export interface Sampler {
  /** How many images an epoch has. */
  readonly length: number;
  /** The indices of one epoch, `length` of them. Every random draw comes from `random`, which grows from the loader's stream 'shuffle'. */
  indices(random: RandomStream): Int32Array;
}

/** How a `WeightedRandomSampler` draws. */
export interface WeightedRandomSamplerOptions {
  /** Whether an image may be drawn more than once in an epoch. Default: true. */
  replacement?: boolean | undefined;
}

/**
 * Draws image i with a probability in proportion to `weights[i]`, `length` times in each epoch: the remedy for rare classes.
 *
 * Throws `ArgumentError` for weights that are negative, not finite or all 0, and without replacement for fewer weights above 0 than `length`.
 *
 * Source: with replacement, inversion of the cumulative weights; without, Efraimidis and Spirakis 2006 (doi:10.1016/j.ipl.2005.11.003), which
 * gives each order the probability of drawing one after another.
 *
 * @example
 * const weights = classWeights(train);
 * const perImage = Array.from({ length: train.length }, (_, i) => weights[train.label(i)]);
 * new DataLoader(train, { batchSize: 32, sampler: new WeightedRandomSampler(perImage, train.length) });
 */
export class WeightedRandomSampler implements Sampler {
  readonly length: number;
  readonly #weights: Float64Array;
  readonly #replacement: boolean;

  constructor(weights: ArrayLike<number>, length: number, options: WeightedRandomSamplerOptions = {}) {
    checkOptions('WeightedRandomSampler', options, ['replacement']);
    this.length = checkWhole('WeightedRandomSampler', 'length', length, 1);
    this.#weights = Float64Array.from(weights);
    this.#replacement = options.replacement ?? true;
    const wrong = this.#weights.findIndex((w) => !(w >= 0 && Number.isFinite(w)));
    if (wrong >= 0) {
      throw new ArgumentError(
        `WeightedRandomSampler: weight ${wrong} is ${this.#weights[wrong]}, but must be a finite number >= 0.`,
      );
    }
    const possible = this.#weights.filter((w) => w > 0).length;
    const needed = this.#replacement ? 1 : length;
    if (possible < needed) {
      throw new ArgumentError(
        `WeightedRandomSampler: ${possible} of ${weights.length} weights are above 0, but ${needed} must be. Draw with replacement, or fewer images.`,
      );
    }
  }

  indices(random: RandomStream): Int32Array {
    return this.#replacement ? this.#withReplacement(random) : this.#withoutReplacement(random);
  }

  #withReplacement(random: RandomStream): Int32Array {
    const ends = new Float64Array(this.#weights.length);
    let total = 0;
    for (const [i, w] of this.#weights.entries()) ends[i] = total += w;
    return Int32Array.from({ length: this.length }, () => firstAbove(ends, random.uniform() * total));
  }

  /** The largest of u^(1/w), compared by their logarithms. */
  #withoutReplacement(random: RandomStream): Int32Array {
    const keys = Float64Array.from(this.#weights, (w) => {
      const u = random.uniform();
      return w > 0 ? Math.log(1 - u) / w : Number.NEGATIVE_INFINITY;
    });
    const order = Int32Array.from(keys, (_, i) => i).sort((a, b) => keys[b] - keys[a] || a - b);
    return order.slice(0, this.length);
  }
}

/** The first place whose value is above x. */
function firstAbove(ends: Float64Array, x: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
