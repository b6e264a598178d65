import { DataError } from '../base/errors.js';
import type { Dataset } from './dataset.js';

/**
 * How many images each class has. An image of several classes counts for each of them.
 *
 * @example
 * countClasses(train); // [123, 121]
 */
export function countClasses(dataset: Dataset): number[] {
  const counts = dataset.classes.map(() => 0);
  for (let i = 0; i < dataset.length; i++) {
    if (dataset.multiHot === undefined) counts[dataset.label(i)]++;
    else for (const [k, mark] of dataset.multiHot(i).entries()) counts[k] += mark;
  }
  return counts;
}

/**
 * A weight for each class that makes up for rare ones: images / (classes * images of the class), scikit-learn's 'balanced'. Pass them to
 * `crossEntropy` as `weight`, or give each image the weight of its class in a `WeightedRandomSampler`.
 *
 * Throws `DataError` when a class has no image.
 *
 * @example
 * classWeights(dataset); // [0.5, 2.5] for 50 images of the first class and 10 of the second, of 2
 */
export function classWeights(dataset: Dataset): number[] {
  const counts = countClasses(dataset);
  const empty = dataset.classes.filter((_, k) => counts[k] === 0);
  if (empty.length > 0) {
    throw new DataError(
      `classWeights: no image has the ${empty.length === 1 ? 'class' : 'classes'} ${empty.join(', ')}, so there is no weight for it. Leave such classes out.`,
    );
  }
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((n) => total / (counts.length * n));
}
