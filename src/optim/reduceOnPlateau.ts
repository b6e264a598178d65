import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { checkCount, checkRange } from './options.js';

/** Options of `ReduceOnPlateau`. */
export interface ReduceOnPlateauOptions {
  /** Whether the metric should fall (a loss) or rise (an accuracy). Default 'min'. */
  mode?: 'min' | 'max' | undefined;
  /** Multiplies the learning rate. Default 0.1. */
  factor?: number | undefined;
  /** Updates without progress before the learning rate is reduced. Default 10. */
  patience?: number | undefined;
  /** The least improvement that counts as progress. Default 0.0001. */
  threshold?: number | undefined;
  /** Whether the threshold is relative to the best value or absolute. Default 'relative'. */
  thresholdMode?: 'relative' | 'absolute' | undefined;
  /** Updates after a reduction during which lack of progress is ignored. Default 0. */
  cooldown?: number | undefined;
  /** The learning rate is not reduced below this. Default 0. */
  minimum?: number | undefined;
}

/** The state of a `ReduceOnPlateau`: plain values that can be stored as JSON. `best` is null before the first metric. */
export interface ReduceOnPlateauState {
  /** The learning rate at the time. */
  learningRate: number;
  /** The best value so far; null before the first update. */
  best: number | null;
  /** Updates without improvement so far. */
  badUpdates: number;
  /** Updates until values count again. */
  cooldownLeft: number;
}

/**
 * Reduces the learning rate when a metric has stopped improving. It depends on the past, so it is an object with state, not
 * a function of the step.
 *
 * NaN never counts as progress.
 *
 * Source: PyTorch's ReduceLROnPlateau, except that even the smallest reductions are applied (eps is 0).
 *
 * @example
 * const plateau = new ReduceOnPlateau(0.1, { patience: 3 });
 * optimizer.learningRate = plateau.update(validationLoss); // once per epoch
 */
export class ReduceOnPlateau {
  readonly #options: Required<ReduceOnPlateauOptions>;
  #state: ReduceOnPlateauState;

  constructor(learningRate: number, options: ReduceOnPlateauOptions = {}) {
    checkOptions('ReduceOnPlateau', options, [
      'mode',
      'factor',
      'patience',
      'threshold',
      'thresholdMode',
      'cooldown',
      'minimum',
    ]);
    const who = 'ReduceOnPlateau';
    const { mode = 'min', factor = 0.1, patience = 10, threshold = 1e-4 } = options;
    const { thresholdMode = 'relative', cooldown = 0, minimum = 0 } = options;
    checkRange(who, 'learningRate', learningRate, 0, Infinity);
    checkRange(who, 'factor', factor, 0, 1, { below: true });
    checkCount(who, 'patience', patience, 0);
    checkRange(who, 'threshold', threshold, 0, Infinity);
    checkCount(who, 'cooldown', cooldown, 0);
    checkRange(who, 'minimum', minimum, 0, Infinity);
    if (mode !== 'min' && mode !== 'max') {
      throw new ArgumentError(`${who}: mode is '${mode}', but must be 'min' or 'max'.`);
    }
    if (thresholdMode !== 'relative' && thresholdMode !== 'absolute') {
      throw new ArgumentError(`${who}: thresholdMode is '${thresholdMode}', but must be 'relative' or 'absolute'.`);
    }
    this.#options = { mode, factor, patience, threshold, thresholdMode, cooldown, minimum };
    this.#state = { learningRate, best: null, badUpdates: 0, cooldownLeft: 0 };
  }

  /** The learning rate now. */
  get learningRate(): number {
    return this.#state.learningRate;
  }

  /** A copy, for a checkpoint. */
  get state(): ReduceOnPlateauState {
    return { ...this.#state };
  }

  set state(state: ReduceOnPlateauState) {
    this.#state = { ...state };
  }

  /** Takes the next value of the metric and returns the learning rate to continue with. */
  update(metric: number): number {
    const { factor, patience, cooldown, minimum } = this.#options;
    const state = this.#state;
    if (this.#improves(metric)) {
      state.best = metric;
      state.badUpdates = 0;
    } else {
      state.badUpdates++;
    }
    if (state.cooldownLeft > 0) {
      state.cooldownLeft--;
      state.badUpdates = 0;
    }
    if (state.badUpdates > patience) {
      state.learningRate = Math.min(state.learningRate, Math.max(state.learningRate * factor, minimum));
      state.cooldownLeft = cooldown;
      state.badUpdates = 0;
    }
    return state.learningRate;
  }

  #improves(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const { best } = this.#state;
    if (best === null) return !Number.isNaN(metric);
    const margin = thresholdMode === 'relative' ? threshold * Math.abs(best) : threshold;
    return mode === 'min' ? metric < best - margin : metric > best + margin;
  }
}
