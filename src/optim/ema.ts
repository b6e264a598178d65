import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { Module } from '../layers/module.js';
import { checkCount, checkRange } from './options.js';
import { SecondWeights, type WeightAverage } from './weightAverage.js';

/** Options of `ExponentialMovingAverage`. */
export interface ExponentialMovingAverageOptions {
  /** The fraction of the average to keep at each step, or a function of the step that returns it. Default 0.999. */
  decay?: number | ((step: number) => number) | undefined;
  /** Keeps less at first, (1 + step) / (10 + step), so that the average soon forgets the random start. Default true. */
  warmup?: boolean | undefined;
  /** Steps between updates. Default 1. */
  every?: number | undefined;
}

/**
 * A running average of a model's weights and buffers, which is often more accurate than the weights themselves. `fit` with `average` updates
 * it and validates with it; `swap()` puts it into the model.
 *
 * average = decay * average + (1 - decay) * weights
 *
 * Throws `ArgumentError` for options out of range.
 *
 * Source: Polyak and Juditsky 1992; the warm-up is that of TensorFlow's ExponentialMovingAverage.
 *
 * @example
 * const average = new ExponentialMovingAverage(model, { decay: 0.995 });
 * await fit(model, { ...options, average });
 * average.swap(); // the model now holds the average
 */
export class ExponentialMovingAverage implements WeightAverage {
  readonly #weights: SecondWeights;
  readonly #decay: (step: number) => number;
  readonly #every: number;

  constructor(model: Module, options: ExponentialMovingAverageOptions = {}) {
    checkOptions('ExponentialMovingAverage', options, ['decay', 'warmup', 'every']);
    const { decay = 0.999, warmup = true, every = 1 } = options;
    checkCount('ExponentialMovingAverage', 'every', every, 1);
    if (typeof decay === 'number') checkRange('ExponentialMovingAverage', 'decay', decay, 0, 1);
    else if (typeof decay !== 'function') {
      throw new ArgumentError(`ExponentialMovingAverage: decay is ${decay}, but must be a number or a function.`);
    }
    const full = typeof decay === 'number' ? () => decay : decay;
    this.#decay = warmup ? (step) => Math.min(full(step), (1 + step) / (10 + step)) : full;
    this.#every = every;
    this.#weights = new SecondWeights('ExponentialMovingAverage', model);
  }

  /** Counts steps itself if you leave out `step`, which starts at 1. */
  update(step?: number): void {
    const now = this.#weights.advance(step);
    if (now % this.#every === 0) this.#weights.follow(this.#decay(now));
  }

  /** Throws `ArgumentError` before the first update. */
  swap(): void {
    this.#weights.swap();
  }

  stateDict(): { values: unknown; tensors: StateDict } {
    return this.#weights.stateDict();
  }

  loadStateDict(state: { values: unknown; tensors: StateDict }): void {
    this.#weights.loadStateDict(state);
  }

  /** Releases the memory of the average. */
  dispose(): void {
    this.#weights.dispose();
  }
}
