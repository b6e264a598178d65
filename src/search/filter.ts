import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';

/** What is known of a photograph besides its pixels: any values that JSON has. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A condition on a value: equal to it, one of several, or within a range (numbers, and texts in the order of their letters). */
export type Condition =
  | string
  | number
  | boolean
  | null
  | readonly (string | number | boolean | null)[]
  | { readonly from?: number | string | undefined; readonly to?: number | string | undefined };

/**
 * Which photographs count: those whose metadata meet all conditions, or for which a function returns true. A value that is a list meets a condition when one
 * of its items does.
 *
 * @example
 * const filter = { album: ['Rome', 'Naples'], year: { from: 2019 } };
 */
export type MetadataFilter = Readonly<Record<string, Condition>> | ((metadata: Metadata, id: string) => boolean);

/** The filter as a function. Throws `ArgumentError` for what is no filter. */
export function filterOf(who: string, filter: MetadataFilter | undefined): (metadata: Metadata, id: string) => boolean {
  if (filter === undefined) return () => true;
  if (typeof filter === 'function') return filter;
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new ArgumentError(
      `${who}: filter is ${describeValue(filter)}, but must be an object such as { year: { from: 2019 } }, or a function of the metadata.`,
    );
  }
  const conditions = Object.entries(filter).map(([key, condition]) => [key, conditionOf(who, key, condition)] as const);
  return (metadata) => conditions.every(([key, meets]) => meets(metadata[key]));
}

function conditionOf(who: string, key: string, condition: Condition): (value: unknown) => boolean {
  const single = singleCondition(who, key, condition);
  return (value) => (Array.isArray(value) ? value.some(single) : single(value));
}

function singleCondition(who: string, key: string, condition: Condition): (value: unknown) => boolean {
  if (Array.isArray(condition)) return (value) => condition.includes(value as never);
  if (typeof condition !== 'object' || condition === null) return (value) => value === condition;
  const { from, to, ...rest } = condition as { from?: number | string | undefined; to?: number | string | undefined };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined || (from === undefined && to === undefined)) {
    throw new ArgumentError(
      `${who}: the filter of '${key}' has ${unknown === undefined ? 'no bound' : `'${unknown}'`}, but a range is { from, to }, of which one may be left out.`,
    );
  }
  return (value) =>
    (typeof value === 'number' || typeof value === 'string') &&
    (from === undefined || (typeof value === typeof from && value >= from)) &&
    (to === undefined || (typeof value === typeof to && value <= to));
}
