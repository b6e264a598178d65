import { ArgumentError } from './errors.js';

/** A size for height and width alike, or [height, width]. */
export type Pair = number | readonly [number, number];

/** Throws unless `value` is a whole number of at least `least`; returns it. */
export function checkWhole(op: string, name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw new ArgumentError(`${op}: ${name} is ${value}, but must be a whole number >= ${least}.`);
  }
  return value;
}

/** A Pair as [height, width], each a whole number of at least `least`. */
export function pair(op: string, name: string, value: Pair, least: number): readonly [number, number] {
  const both: readonly number[] = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(both) || both.length !== 2) {
    throw new ArgumentError(`${op}: ${name} is ${JSON.stringify(value)}, but must be a number or [height, width].`);
  }
  for (const v of both) checkWhole(op, name, v, least);
  return [both[0], both[1]];
}
