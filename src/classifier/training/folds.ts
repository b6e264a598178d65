import { RandomStream } from '../../base/random.js';

/** Deals items out into parts in which each class has its share: the part of each item, from 0. */
export function stratifiedFolds(labels: readonly number[], folds: number, seed: string): Int32Array {
  const order = new RandomStream(seed).shuffle(Int32Array.from(labels, (_, i) => i));
  const sorted = [...order].sort((a, b) => labels[a] - labels[b]);
  const part = new Int32Array(labels.length);
  for (const [at, i] of sorted.entries()) part[i] = at % folds;
  return part;
}
