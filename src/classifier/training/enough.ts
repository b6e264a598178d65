import { DataError } from '../../base/errors.js';
import type { PhotoList } from './photoList.js';

/** The largest class by the smallest from which on the difference is worth a note. */
const IMBALANCE = 3;

/** Tells of classes with far fewer photographs than others. */
export function noteClasses(list: PhotoList, note: (text: string) => void): void {
  const { classes } = list;
  const counts = countsOf(list, list);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most < IMBALANCE * least) return;
  const name = (count: number): string => `'${classes[counts.indexOf(count)]}' ${count}`;
  note(
    `the classes are unbalanced: ${name(most)} photographs, ${name(least)}. Rare classes will be found less often; add photographs of them.`,
  );
}

type Labels = Pick<PhotoList, 'labels' | 'marks'>;

/** Photographs of each class. */
function countsOf({ kind, classes }: PhotoList, { labels, marks }: Labels): number[] {
  return classes.map((_, k) =>
    kind === 'multi-label' && marks !== null
      ? marks.filter((row) => row[k] === 1).length
      : labels.filter((label) => label === k).length,
  );
}

/**
 * Throws unless there are two classes of two photographs each that can be read; where photographs may have several labels, unless two have and two lack
 * each label.
 */
export function expectEnough(list: PhotoList, readable: Labels): void {
  const { kind, classes, paths } = list;
  if (classes.length < 2 && kind !== 'multi-label') {
    throw new DataError(
      `trainClassifier: there is only the class '${classes[0]}', but a classifier needs at least two. Make a folder per class.`,
    );
  }
  for (const [k, count] of countsOf(list, readable).entries()) {
    if (count < 2) {
      throw new DataError(
        `trainClassifier: of ${paths.length} photographs, ${count} of the class '${classes[k]}' can be read, but each class needs at least two.`,
      );
    }
    const others = readable.labels.length - count;
    if (kind !== 'multi-label' || others >= 2) continue;
    throw new DataError(
      `trainClassifier: all but ${others} of the photographs that can be read have the label '${classes[k]}', so that nothing tells what it is not. Add at least two without it, or leave it out.`,
    );
  }
}
