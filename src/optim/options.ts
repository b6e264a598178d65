import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';

/** The value of an optimizer option, which can be stored as JSON. */
export type OptionValue = number | boolean | readonly number[];

/** Options that may all be left out or undefined. */
export type SomeOf<O> = { [K in keyof O]?: O[K] | undefined };

/** `options` over `defaults`; undefined counts as left out. Throws `ArgumentError` for a name that is not in the defaults. */
export function fillOptions<O extends object>(who: string, options: SomeOf<O>, defaults: O): O {
  checkOptions(who, options, Object.keys(defaults));
  const filled: O = { ...defaults };
  for (const key of Object.keys(options) as (keyof O & string)[]) {
    const value = options[key];
    if (value !== undefined) filled[key] = value as O[typeof key];
  }
  return filled;
}

/** Throws unless `least <= value <= most`, or `value < most` with `below`. Infinity itself is never in range. */
export function checkRange(
  who: string,
  name: string,
  value: number,
  least: number,
  most: number,
  options: { below?: boolean | undefined; above?: boolean | undefined } = {},
): void {
  const { below = false, above = false } = options;
  const inside = (above ? value > least : value >= least) && (below ? value < most : value <= most);
  if (typeof value === 'number' && Number.isFinite(value) && inside) return;
  const lower = `${above ? '>' : '>='} ${least}`;
  const upper = most === Infinity ? ' and finite' : ` and ${below ? '<' : '<='} ${most}`;
  throw new ArgumentError(`${who}: ${name} is ${value}, but must be ${lower}${upper}.`);
}

/** Throws unless `value` is a whole number of at least `least`. */
export function checkCount(who: string, name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ArgumentError(`${who}: ${name} is ${value}, but must be a whole number >= ${least}.`);
}

/** Throws unless `value` is true or false. */
export function checkFlag(who: string, name: string, value: boolean): void {
  if (typeof value !== 'boolean') throw new ArgumentError(`${who}: ${name} is ${value}, but must be true or false.`);
}

/** Throws unless `value` is an array of two numbers. */
export function checkPair(who: string, name: string, value: readonly number[]): void {
  if (Array.isArray(value) && value.length === 2) return;
  throw new ArgumentError(`${who}: ${name} is ${JSON.stringify(value)}, but must be two numbers, as in [0.9, 0.999].`);
}
