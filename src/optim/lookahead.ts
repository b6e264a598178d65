import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { Module } from '../layers/module.js';
import { checkCount, checkRange } from './options.js';
import { SecondWeights, type WeightAverage } from './weightAverage.js';

export interface LookaheadOptions {
  /** Fast steps between two slow ones. Default 5. */
  every?: number | undefined;
  /** The share of the slow weights that stays, or that share by how far training is, 0 to 1. Default 0.5. */
  decay?: number | ((progress: number) => number) | undefined;
}

/**
 * Slow weights that follow the optimiser's fast ones, and to which these return every few steps. Buffers belong to them. `fit` with
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
   * Counts the steps itself where `step`, which counts from 1, is left out. `progress` is needed only where `decay` is a function.
   */
  update(step?: number, progress = Number.NaN): void {
    if (this.#weights.advance(step) % this.#every !== 0) return;
    this.#weights.follow(this.#decay(progress));
    this.#weights.putBack();
  }

  /** Ends with the slow weights in the model, whatever the fast ones have done since. Throws `ArgumentError` before the first update. */
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

  /** Gives the memory of the slow weights back. */
  dispose(): void {
    this.#weights.dispose();
  }
}
