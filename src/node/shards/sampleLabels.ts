import { DataError } from '../../base/errors.js';

/** The label of a sample as numbers: one class, or with several, multi-hot: 0 or 1 for each class. */
export type SampleLabel = number | Uint8Array;

/**
 * Reads a label as it is written down: the number or the name of a class, or a list of them.
 *
 * Throws `DataError` that names the sample for anything else.
 */
export function sampleLabel(value: unknown, classes: readonly string[] | undefined, name: string): SampleLabel {
  if (!Array.isArray(value)) return classIndex(value, classes, name);
  if (classes === undefined) {
    throw new DataError(`${name} has several labels. Pass classes, the names of all of them.`);
  }
  const marks = new Uint8Array(classes.length);
  for (const label of value) marks[classIndex(label, classes, name)] = 1;
  return marks;
}

function classIndex(value: unknown, classes: readonly string[] | undefined, name: string): number {
  const text = String(value);
  const named = classes?.indexOf(text) ?? -1;
  if (named >= 0) return named;
  const index = /^\d+$/.test(text) ? Number(text) : -1;
  if (index >= 0 && (classes === undefined || index < classes.length)) return index;
  const known =
    classes === undefined
      ? 'Pass classes, their names'
      : `There are ${classes.length}: ${classes.slice(0, 8).join(', ')}`;
  throw new DataError(`${name} has the label ${JSON.stringify(value) ?? 'undefined'}, which is no class. ${known}.`);
}
