import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, NonFiniteError } from '../base/errors.js';
import type { Module } from '../layers/module.js';
import { checkCount, checkRange } from '../optim/options.js';
import { trainingEvents } from './trainingEvents.js';
import type { TrainOptions } from './trainOptions.js';
import { unchanged } from './unchanged.js';

/** The training to find a rate for, as `fit` takes it, and the range to look in. */
export interface FindLearningRateOptions
  extends Pick<
    TrainOptions,
    'train' | 'optimizer' | 'loss' | 'labelSmoothing' | 'clipNorm' | 'microBatchSize' | 'mix' | 'signal'
  > {
  /** The rate of the first step. Default 1e-6. */
  from?: number | undefined;
  /** The rate of the last step. Default 10. */
  to?: number | undefined;
  /** Steps at most; the test ends before when the loss diverges. Default 100. */
  steps?: number | undefined;
  /** The loss has diverged when its running mean is this many times the lowest that it was. Default 4. */
  stopAt?: number | undefined;
}

/** What `findLearningRate` found. */
export interface LearningRateSearch {
  /** One for each step, in order of rising rates: the loss of the batch before the step, and the mean over its neighborhood. */
  points: { learningRate: number; loss: number; smoothed: number }[];
  /** Where the smoothed loss falls fastest; `from` when it never fell: look at lower rates then, or take more steps. */
  suggestion: number;
  /** Where the smoothed loss is lowest: at higher rates it rises again. */
  highest: number;
  /** Whether the test ended since the loss diverged; if not, rates above `to` may be of use. */
  diverged: boolean;
}

/** Every option, for the message about one that is not. */
const optionNames: Record<keyof FindLearningRateOptions, true> = {
  train: true,
  optimizer: true,
  loss: true,
  labelSmoothing: true,
  clipNorm: true,
  microBatchSize: true,
  mix: true,
  signal: true,
  from: true,
  to: true,
  steps: true,
  stopAt: true,
};

/** What each step keeps of the running mean that tells when to stop. */
const KEEP = 0.9;
/** Fewer losses tell nothing. */
const LEAST = 3;

/**
 * Trains for some steps with a learning rate that grows from one to the next, and tells how the loss took it: too low a rate does nothing, a
 * good one makes it fall, too high a one makes it diverge. Model, optimizer, loader and random numbers are afterwards what they were before;
 * gradients are forgotten.
 *
 * rate(t) = from * (to / from)^(t / (steps - 1));  smoothed(t) = mean of the losses from t - h to t + h, h = steps / 20
 *
 * Throws `ArgumentError` for options that are unknown or out of range, `NonFiniteError` when fewer than three losses are finite, the reason of
 * `signal` when it is aborted.
 *
 * Source: Smith 2017 (arXiv:1506.01186), section 3.3, there with a rate that grows linearly, and the accuracy instead of the loss.
 *
 * @example
 * const { suggestion } = await findLearningRate(model, { train: loader, optimizer });
 * optimizer.learningRate = suggestion;
 */
export async function findLearningRate(model: Module, options: FindLearningRateOptions): Promise<LearningRateSearch> {
  checkOptions('findLearningRate', options, Object.keys(optionNames));
  const { from = 1e-6, to = 10, steps = 100, stopAt = 4, ...training } = options;
  checkRange('findLearningRate', 'from', from, 0, Infinity, { above: true });
  checkRange('findLearningRate', 'to', to, 0, Infinity, { above: true });
  if (to <= from) throw new ArgumentError(`findLearningRate: from is ${from} and to ${to}, but the rate must rise.`);
  checkCount('findLearningRate', 'steps', steps, LEAST);
  checkRange('findLearningRate', 'stopAt', stopAt, 1, Infinity, { above: true });
  const schedule = (step: number): number => from * (to / from) ** (step / (steps - 1));
  const losses: number[] = [];
  let diverged = false;
  await unchanged(model, training, async () => {
    let [sum, weight, lowest] = [0, 0, Infinity];
    try {
      // An epoch has at least one step, so there are enough of them.
      for await (const event of trainingEvents(model, { ...training, schedule, epochs: steps })) {
        if (event.type !== 'step') continue;
        losses.push(event.step.loss);
        sum = KEEP * sum + event.step.loss;
        weight = KEEP * weight + 1;
        lowest = Math.min(lowest, sum / weight);
        diverged = losses.length >= LEAST && sum / weight > stopAt * lowest;
        if (diverged || losses.length === steps) break;
      }
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      diverged = true;
    }
  });
  training.signal?.throwIfAborted();
  if (losses.length < LEAST) {
    throw new NonFiniteError(
      `findLearningRate: the loss was finite for ${losses.length} steps only. Start from a rate below ${from}, or look for what is not finite in the model or the images.`,
    );
  }
  return judge(losses, schedule, Math.max(1, Math.round(steps / 20)), diverged);
}

/** Where the means over `half` losses on either side fall fastest, and where they are lowest. */
function judge(
  losses: readonly number[],
  rate: (step: number) => number,
  half: number,
  diverged: boolean,
): LearningRateSearch {
  const smoothed = losses.map((_, t) => {
    const near = losses.slice(Math.max(0, t - half), t + half + 1);
    return near.reduce((sum, loss) => sum + loss, 0) / near.length;
  });
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  let steepest = 0;
  let most = 0;
  // Means over whole neighborhoods that touch: at the ends fewer losses would make chance falls.
  for (let t = half; t <= lowest - half - 1; t++) {
    const fall = smoothed[t] - smoothed[t + half + 1];
    if (fall > most) [most, steepest] = [fall, t + (half + 1) / 2];
  }
  return {
    points: losses.map((loss, t) => ({ learningRate: rate(t), loss, smoothed: smoothed[t] })),
    suggestion: rate(steepest),
    highest: rate(lowest),
    diverged,
  };
}
