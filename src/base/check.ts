import { describeValue } from './describeValue.js';
import { ArgumentError } from './errors.js';

/** A size for height and width alike, or [height, width]. */
export type Pair = number | readonly [number, number];

/** No axis, window or step can be longer: the heap's 4 GiB hold this many numbers. It keeps sums of a few below 2^32. */
export const LARGEST_SIZE = 2 ** 30;

/** Throws unless `value` is a whole number from `least` to `LARGEST_SIZE`; returns it. */
export function checkWhole(op: string, name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    const found = typeof value === 'number' ? value : describeValue(value);
    throw new ArgumentError(`${op}: ${name} is ${found}, but must be a whole number >= ${least}.`);
  }
  if (value > LARGEST_SIZE) {
    throw new ArgumentError(`${op}: ${name} is ${value}, but must be at most ${LARGEST_SIZE}.`);
  }
  return value;
}

/** A Pair as [height, width], each a whole number of at least `least`. */
export function pair(op: string, name: string, value: Pair, least: number): readonly [number, number] {
  const both: readonly number[] = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(both) || both.length !== 2) {
    throw new ArgumentError(`${op}: ${name} is ${shown(value)}, but must be a number or [height, width].`);
  }
  for (const v of both) checkWhole(op, name, v, least);
  return [both[0], both[1]];
}

/** A string or a short list of numbers as it is written, anything else in words. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.length <= 40) return JSON.stringify(value);
  const isShort = Array.isArray(value) && value.length <= 8 && value.every((v) => typeof v === 'number');
  return isShort ? `[${value.join(',')}]` : describeValue(value);
}
