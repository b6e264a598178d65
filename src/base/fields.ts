import { FormatError } from '../base/errors.js';

/** Gives a value of JSON its type, or throws `FormatError` with the name of the field. */
export type Check<T> = (value: unknown, name: string) => T;

export const numberField: Check<number> = (value, name) => {
  // JSON has neither NaN nor infinity, but a number that is too large is read as one.
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, value, 'a finite number');
  return value;
};

export const whole: Check<number> = (value, name) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong(name, value, 'a whole number >= 0');
  return value as number;
};

export const integer: Check<number> = (value, name) => {
  if (!Number.isSafeInteger(value)) throw wrong(name, value, 'a whole number');
  return value as number;
};

export const atLeast0: Check<number> = (value, name) => {
  if (numberField(value, name) < 0) throw wrong(name, value, 'a number >= 0');
  return value as number;
};

export const text: Check<string> = (value, name) => {
  if (typeof value !== 'string') throw wrong(name, value, 'a text');
  return value;
};

export const anything: Check<unknown> = (value) => value;

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, name) => (value === null ? null : check(value, name));
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, name) => (value === undefined ? undefined : check(value, name));
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw wrong(name, value, 'a list');
    return value.map((item, i) => check(item, `${name}[${i}]`));
  };
}

export function tuple<A, B>(first: Check<A>, second: Check<B>): Check<[A, B]> {
  return (value, name) => {
    if (!Array.isArray(value) || value.length !== 2) throw wrong(name, value, 'a list of two');
    return [first(value[0], `${name}[0]`), second(value[1], `${name}[1]`)];
  };
}

/** An object that maps any names to values of one type. */
export function dictionary<T>(check: Check<T>): Check<Record<string, T>> {
  return (value, name) => {
    if (!isObject(value)) throw wrong(name, value, 'an object');
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, check(item, `${name}.${key}`)]));
  };
}

/** An object with these fields; others are left out. */
export function object<T extends object>(fields: { [K in keyof T]-?: Check<T[K]> }): Check<T> {
  return (value, name) => {
    if (!isObject(value)) throw wrong(name, value, 'an object');
    const result: Partial<T> = {};
    for (const key of Object.keys(fields) as (keyof T & string)[]) {
      const found = fields[key](
        Object.hasOwn(value, key) ? value[key] : undefined,
        name === '' ? key : `${name}.${key}`,
      );
      if (found !== undefined) result[key] = found;
    }
    return result as T;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(name: string, value: unknown, wanted: string): FormatError {
  return new FormatError(`the field '${name}' is ${shown(value)}, but must be ${wanted}.`);
}

/** A value in a few words: what is in lists and objects is not shown, since it may be of any size. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return value.length > 60 ? `'${value.slice(0, 60)}...'` : `'${value}'`;
}
