import { DataError } from '../../base/errors.js';
import type { PhotoList } from './photoList.js';

/** The largest class by the smallest from which on the difference is worth a note. */
const IMBALANCE = 3;
/** Tells of classes with far fewer photographs than others. */
export function noteClasses({ classes, labels }: PhotoList, note: (text: string) => void): void {
  const counts = classes.map((_, k) => labels.filter((label) => label === k).length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most < IMBALANCE * least) return;
  const name = (count: number): string => `'${classes[counts.indexOf(count)]}' ${count}`;
  note(
    `the classes are unbalanced: ${name(most)} photographs, ${name(least)}. Rare classes will be found less often; add photographs of them.`,
  );
}

/** Throws unless there are two classes of two photographs each that can be read. */
export function expectEnough({ classes, paths }: PhotoList, labels: readonly number[]): void {
  if (classes.length < 2) {
    throw new DataError(
      `trainClassifier: there is only the class '${classes[0]}', but a classifier needs at least two. Make a folder per class.`,
    );
  }
  for (const [k, name] of classes.entries()) {
    const count = labels.filter((label) => label === k).length;
    if (count >= 2) continue;
    throw new DataError(
      `trainClassifier: of ${paths.length} photographs, ${count} of the class '${name}' can be read, but each class needs at least two.`,
    );
  }
}
