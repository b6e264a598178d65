import { RandomStream } from '../../base/random.js';

/** Deals items out into parts in which each class has its share: the part of each item, from 0. */
export function stratifiedFolds(labels: readonly number[], folds: number, seed: string): Int32Array {
  const order = new RandomStream(seed).shuffle(Int32Array.from(labels, (_, i) => i));
  const sorted = [...order].sort((a, b) => labels[a] - labels[b]);
  const part = new Int32Array(labels.length);
  for (const [at, i] of sorted.entries()) part[i] = at % folds;
  return part;
}

/**
 * The rarest label of each photograph, or the number of classes where it has none: dealt out by it, rare labels get their share in each part.
 *
 * Shapes: marks N rows of 0 or 1 for each class.
 */
export function rarestLabels(marks: readonly Uint8Array[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const row of marks) for (const [k, mark] of row.entries()) counts[k] += mark;
  return marks.map((row) => {
    let rarest = classes;
    for (const [k, mark] of row.entries()) {
      if (mark === 1 && (rarest === classes || counts[k] < counts[rarest])) rarest = k;
    }
    return rarest;
  });
}
