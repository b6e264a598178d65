import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { checkCount, checkRange } from './options.js';
import type { Schedule } from './schedules.js';

/**
 * Falls along half a cosine from `learningRate` to `minimum` (default 0) in `steps` steps.
 *
 * rate(t) = minimum + (learningRate - minimum) * (1 + cos(pi t / steps)) / 2
 *
 * After `steps` it stays at the minimum; PyTorch's CosineAnnealingLR would rise again. With `restartMultiplier` it
 * jumps back to `learningRate` instead, and each cycle is this many times as long as the one before (1: equal lengths).
 *
 * Source: Loshchilov and Hutter 2017 (arXiv:1608.03983), equation 5.
 *
 * @example
 * cosineSchedule(0.1, { steps: 100 })(50); // 0.05
 */
export function cosineSchedule(
  learningRate: number,
  options: { steps: number; minimum?: number | undefined; restartMultiplier?: number | undefined },
): Schedule {
  checkOptions('cosineSchedule', options, ['steps', 'minimum', 'restartMultiplier']);
  const { steps, minimum = 0, restartMultiplier } = options;
  const rate = (fraction: number): number => minimum + (learningRate - minimum) * halfCosine(fraction);
  checkRange('cosineSchedule', 'learningRate', learningRate, 0, Infinity);
  checkCount('cosineSchedule', 'steps', steps, 1);
  checkRange('cosineSchedule', 'minimum', minimum, 0, Infinity);
  if (restartMultiplier === undefined) return (step) => rate(Math.min(step / steps, 1));
  checkCount('cosineSchedule', 'restartMultiplier', restartMultiplier, 1);
  if (restartMultiplier === 1) return (step) => rate((step % steps) / steps);
  return (step) => {
    let start = 0;
    let length = steps;
    while (step >= start + length && length < Infinity) {
      start += length;
      length *= restartMultiplier;
    }
    return rate((step - start) / length);
  };
}

/** From 1 at 0 down to 0 at 1. */
function halfCosine(fraction: number): number {
  return (1 + Math.cos(Math.PI * fraction)) / 2;
}

/** Options of `oneCycleSchedule`. */
export interface OneCycleOptions {
  /** The length of the whole cycle. */
  steps: number;
  /** The fraction of steps spent rising. Default 0.3. */
  pctStart?: number | undefined;
  /** The first learning rate is the highest one divided by this. Default 25. */
  divFactor?: number | undefined;
  /** The last learning rate is the first one divided by this. Default 10000. */
  finalDivFactor?: number | undefined;
  /** Default 'cosine'. */
  annealStrategy?: 'cosine' | 'linear' | undefined;
}

/**
 * One cycle: up from maxLearningRate / divFactor to maxLearningRate, then down to maxLearningRate / divFactor / finalDivFactor
 * at step `steps` - 1, and no further.
 *
 * Source: Smith and Topin 2018 (arXiv:1708.07120), in the two-phase form of PyTorch's OneCycleLR (without its cycling of momentum).
 *
 * @example
 * oneCycleSchedule(0.1, { steps: 100 })(29); // 0.1
 */
export function oneCycleSchedule(maxLearningRate: number, options: OneCycleOptions): Schedule {
  checkOptions('oneCycleSchedule', options, ['steps', 'pctStart', 'divFactor', 'finalDivFactor', 'annealStrategy']);
  const { steps, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, annealStrategy = 'cosine' } = options;
  checkRange('oneCycleSchedule', 'maxLearningRate', maxLearningRate, 0, Infinity);
  checkCount('oneCycleSchedule', 'steps', steps, 1);
  checkRange('oneCycleSchedule', 'pctStart', pctStart, 0, 1);
  checkRange('oneCycleSchedule', 'divFactor', divFactor, 0, Infinity, { above: true });
  checkRange('oneCycleSchedule', 'finalDivFactor', finalDivFactor, 0, Infinity, { above: true });
  if (annealStrategy !== 'cosine' && annealStrategy !== 'linear') {
    throw new ArgumentError(
      `oneCycleSchedule: annealStrategy is '${annealStrategy}', but must be 'cosine' or 'linear'.`,
    );
  }
  const first = maxLearningRate / divFactor;
  const last = first / finalDivFactor;
  const top = Math.max(0, pctStart * steps - 1);
  const end = Math.max(top, steps - 1);
  const anneal = (from: number, to: number, fraction: number): number =>
    to + (from - to) * (annealStrategy === 'cosine' ? halfCosine(fraction) : 1 - fraction);
  return (step) => {
    if (step < top) return anneal(first, maxLearningRate, step / top);
    if (step >= end) return last;
    return anneal(maxLearningRate, last, (step - top) / (end - top));
  };
}

/**
 * Rises from `low` to `high` in `stepsUp` steps and falls back in `stepsDown` (default: as many), again and again.
 *
 * Source: Smith 2017 (arXiv:1506.01186), the triangular policy.
 *
 * @example
 * triangularSchedule(0.01, 0.1, { stepsUp: 2000 })(2000); // 0.1
 */
export function triangularSchedule(
  low: number,
  high: number,
  options: { stepsUp: number; stepsDown?: number | undefined },
): Schedule {
  checkOptions('triangularSchedule', options, ['stepsUp', 'stepsDown']);
  const { stepsUp, stepsDown = stepsUp } = options;
  checkRange('triangularSchedule', 'low', low, 0, Infinity);
  checkRange('triangularSchedule', 'high', high, low, Infinity);
  checkCount('triangularSchedule', 'stepsUp', stepsUp, 1);
  checkCount('triangularSchedule', 'stepsDown', stepsDown, 1);
  const period = stepsUp + stepsDown;
  return (step) => {
    const at = step % period;
    return low + (high - low) * (at <= stepsUp ? at / stepsUp : (period - at) / stepsDown);
  };
}
