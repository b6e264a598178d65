import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { checkCount, checkRange } from './options.js';

/**
 * The learning rate at a step. A step is whatever the caller counts from 0, batches or epochs. Schedules are pure functions,
 * so a resumed run only needs the step number.
 */
export type Schedule = (step: number) => number;

/** The same learning rate at every step. */
export function constantSchedule(learningRate: number): Schedule {
  checkRange('constantSchedule', 'learningRate', learningRate, 0, Infinity);
  return () => learningRate;
}

/**
 * Multiplies the learning rate by gamma (default 0.1) every `stepSize` steps.
 *
 * rate(t) = learningRate * gamma^floor(t / stepSize)
 *
 * @example
 * stepSchedule(0.1, { stepSize: 30 })(65); // 0.001
 */
export function stepSchedule(
  learningRate: number,
  options: { stepSize: number; gamma?: number | undefined },
): Schedule {
  checkOptions('stepSchedule', options, ['stepSize', 'gamma']);
  const { stepSize, gamma = 0.1 } = options;
  checkRange('stepSchedule', 'learningRate', learningRate, 0, Infinity);
  checkCount('stepSchedule', 'stepSize', stepSize, 1);
  checkRange('stepSchedule', 'gamma', gamma, 0, Infinity);
  return (step) => learningRate * gamma ** Math.floor(step / stepSize);
}

/**
 * Multiplies the learning rate by gamma (default 0.1) at each milestone.
 *
 * rate(t) = learningRate * gamma^(number of milestones <= t)
 *
 * @example
 * multistepSchedule(0.1, { milestones: [32000, 48000] })(40000); // 0.01
 */
export function multistepSchedule(
  learningRate: number,
  options: { milestones: readonly number[]; gamma?: number | undefined },
): Schedule {
  checkOptions('multistepSchedule', options, ['milestones', 'gamma']);
  const { gamma = 0.1 } = options;
  const milestones = [...options.milestones];
  checkRange('multistepSchedule', 'learningRate', learningRate, 0, Infinity);
  for (const milestone of milestones) checkCount('multistepSchedule', 'a milestone', milestone, 0);
  checkRange('multistepSchedule', 'gamma', gamma, 0, Infinity);
  return (step) => learningRate * gamma ** milestones.filter((milestone) => milestone <= step).length;
}

/** Multiplies the learning rate by gamma at every step: rate(t) = learningRate * gamma^t. */
export function exponentialSchedule(learningRate: number, options: { gamma: number }): Schedule {
  checkOptions('exponentialSchedule', options, ['gamma']);
  const { gamma } = options;
  checkRange('exponentialSchedule', 'learningRate', learningRate, 0, Infinity);
  checkRange('exponentialSchedule', 'gamma', gamma, 0, Infinity);
  return (step) => learningRate * gamma ** step;
}

/**
 * Falls to `minimum` (default 0) along a power of a straight line and stays there.
 *
 * rate(t) = minimum + (learningRate - minimum) * (1 - t / steps)^power, power 1 (a line) by default
 */
export function polynomialSchedule(
  learningRate: number,
  options: { steps: number; power?: number | undefined; minimum?: number | undefined },
): Schedule {
  checkOptions('polynomialSchedule', options, ['steps', 'power', 'minimum']);
  const { steps, power = 1, minimum = 0 } = options;
  checkRange('polynomialSchedule', 'learningRate', learningRate, 0, Infinity);
  checkCount('polynomialSchedule', 'steps', steps, 1);
  checkRange('polynomialSchedule', 'power', power, 0, Infinity);
  checkRange('polynomialSchedule', 'minimum', minimum, 0, Infinity);
  return (step) => minimum + (learningRate - minimum) * (1 - Math.min(step, steps) / steps) ** power;
}

/**
 * Interpolates linearly between [step, learning rate] points, and stays constant before the first and after the last.
 *
 * Throws `ArgumentError` unless there is at least one point and the steps increase.
 *
 * @example
 * piecewiseLinearSchedule([[0, 0], [5, 0.4], [24, 0]])(5); // 0.4
 */
export function piecewiseLinearSchedule(points: readonly (readonly [step: number, learningRate: number])[]): Schedule {
  const corners = points.map(([step, rate]) => [step, rate] as const);
  if (corners.length === 0) throw new ArgumentError('piecewiseLinearSchedule: there are no points. Pass at least one.');
  corners.forEach(([step, rate], i) => {
    checkRange('piecewiseLinearSchedule', `the rate of point ${i}`, rate, 0, Infinity);
    checkRange('piecewiseLinearSchedule', `the step of point ${i}`, step, 0, Infinity);
    if (i > 0 && step <= corners[i - 1][0]) {
      throw new ArgumentError(
        `piecewiseLinearSchedule: point ${i} is at step ${step}, not after point ${i - 1} at ${corners[i - 1][0]}. Pass the points in order of their steps.`,
      );
    }
  });
  return (step) => {
    const next = corners.findIndex(([at]) => step < at);
    if (next === 0) return corners[0][1];
    if (next === -1) return corners[corners.length - 1][1];
    const [fromStep, fromRate] = corners[next - 1];
    const [toStep, toRate] = corners[next];
    return fromRate + ((toRate - fromRate) * (step - fromStep)) / (toStep - fromStep);
  };
}

/**
 * Rises linearly from `startFactor` (default 1/3) times the schedule's first learning rate to that learning rate in `steps` steps, then runs the
 * schedule from its step 0.
 *
 * Source: Goyal et al. 2017 (arXiv:1706.02677), section 2.2. There the warm-up overlaps the schedule; here it comes before,
 * as with PyTorch's SequentialLR of a LinearLR.
 *
 * @example
 * const schedule = warmup(cosineSchedule(0.4, { steps: 95 }), 5);
 * schedule(5); // 0.4
 */
export function warmup(
  schedule: Schedule,
  steps: number,
  options: { startFactor?: number | undefined } = {},
): Schedule {
  checkOptions('warmup', options, ['startFactor']);
  const { startFactor = 1 / 3 } = options;
  checkCount('warmup', 'steps', steps, 0);
  checkRange('warmup', 'startFactor', startFactor, 0, 1);
  return (step) =>
    step < steps ? schedule(0) * (startFactor + ((1 - startFactor) * step) / steps) : schedule(step - steps);
}
