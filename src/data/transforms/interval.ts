import { ArgumentError } from '../../base/errors.js';
import type { RandomStream } from '../../base/random.js';

/** From the least to the most. */
export type Interval = readonly [least: number, most: number];

/** Throws unless `value` is [least, most] and lies within `bounds`; returns it. */
export function checkInterval(who: string, option: string, value: Interval, bounds: Interval): Interval {
  if (liesWithin(value, bounds)) return value;
  throw new ArgumentError(
    `${who}: ${option} is ${JSON.stringify(value)}, but must be [least, most] within ${bounds[0]} and ${bounds[1]}.`,
  );
}

/** `value` as a range: a number stands for so much each way from `center`, as far as `bounds` allow. */
export function intervalAround(
  who: string,
  option: string,
  value: number | Interval,
  center: number,
  bounds: Interval,
): Interval {
  if (typeof value !== 'number') return checkInterval(who, option, value, bounds);
  const around: Interval = [Math.max(bounds[0], center - value), center + value];
  if (value >= 0 && liesWithin(around, bounds)) return around;
  throw new ArgumentError(
    `${who}: ${option} is ${value}, but must be a number from 0 to ${bounds[1] - center}, or [least, most] within ${bounds[0]} and ${bounds[1]}.`,
  );
}

function liesWithin(value: Interval, bounds: Interval): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return value[0] >= bounds[0] && value[0] <= value[1] && value[1] <= bounds[1];
}

/** A number of the range, all equally likely. */
export function within(random: RandomStream, [least, most]: Interval): number {
  return least + (most - least) * random.uniform();
}

/** Throws unless `p` is a probability; returns it. */
export function checkProbability(who: string, p: number): number {
  if (p >= 0 && p <= 1) return p;
  throw new ArgumentError(`${who}: p is ${p}, but must lie between 0 and 1.`);
}
