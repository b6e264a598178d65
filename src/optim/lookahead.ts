import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { Module } from '../layers/module.js';
import { checkCount, checkRange } from './options.js';
import { SecondWeights, type WeightAverage } from './weightAverage.js';

/** Options of `Lookahead`. */
export interface LookaheadOptions {
  /** Fast steps per slow step. Default 5. */
  every?: number | undefined;
  /** The fraction of the slow weights to keep, or a function of training progress (0 to 1) that returns it. Default 0.5. */
  decay?: number | ((progress: number) => number) | undefined;
}

/**
 * Slow weights that follow the optimizer's fast weights. Every few steps, the fast weights return to them. Buffers are included. `fit` with
 * `lookahead` updates them after each step, and leaves the slow weights in the model at the end.
 *
 * every `every` steps: slow = decay * slow + (1 - decay) * fast;  fast = slow
 *
 * Throws `ArgumentError` for options out of range.
 *
 * Source: Zhang et al. 2019 (arXiv:1907.08610), algorithm 1, where 1 - decay is called alpha; a decay that grows with training is from
 * Jordan 2024 (arXiv:2404.00498), section 3.4.
 *
 * @example
 * const lookahead = new Lookahead(model, { every: 5, decay: (progress) => 0.95 ** 5 * progress ** 3 });
 * await fit(model, { ...options, lookahead });
 */
export class Lookahead implements WeightAverage {
  readonly #weights: SecondWeights;
  readonly #decay: (progress: number) => number;
  readonly #every: number;

  constructor(model: Module, options: LookaheadOptions = {}) {
    checkOptions('Lookahead', options, ['every', 'decay']);
    const { every = 5, decay = 0.5 } = options;
    checkCount('Lookahead', 'every', every, 1);
    if (typeof decay === 'number') checkRange('Lookahead', 'decay', decay, 0, 1);
    else if (typeof decay !== 'function') {
      throw new ArgumentError(`Lookahead: decay is ${decay}, but must be a number or a function.`);
    }
    this.#decay = typeof decay === 'number' ? () => decay : decay;
    this.#every = every;
    this.#weights = new SecondWeights('Lookahead', model);
  }

  /**
   * Counts steps itself if you leave out `step`, which starts at 1. `progress` is only needed if `decay` is a function.
   */
  update(step?: number, progress = Number.NaN): void {
    if (this.#weights.advance(step) % this.#every !== 0) return;
    this.#weights.follow(this.#decay(progress));
    this.#weights.putBack();
  }

  /** Puts the slow weights into the model, whatever the fast ones have done since. Throws `ArgumentError` before the first update. */
  finish(): void {
    this.#weights.putBack();
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

  /** Releases the memory of the slow weights. */
  dispose(): void {
    this.#weights.dispose();
  }
}
