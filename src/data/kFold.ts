import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { type Dataset, strataOf, subset } from './dataset.js';

/** How `kFold` deals out the images. */
export interface KFoldOptions {
  /** The same seed gives the same folds. Default: 0. */
  seed?: number | string | undefined;
  /** Whether each fold has the classes in the proportions of the whole. Default: true. */
  stratified?: boolean | undefined;
}

/**
 * Cross-validation: deals the images out into `folds` parts of equal size (or one image more), and pairs each part, for validation, with all
 * others, for training.
 *
 * Throws `ArgumentError` for fewer than 2 folds, or more folds than images.
 *
 * @example
 * for (const [train, validation] of kFold(dataset, 5)) console.log(train.length, validation.length); // 80 20, five times
 */
export function kFold(
  dataset: Dataset,
  folds: number,
  options: KFoldOptions = {},
): [train: Dataset, validation: Dataset][] {
  checkOptions('kFold', options, ['seed', 'stratified']);
  checkWhole('kFold', 'folds', folds, 2);
  if (folds > dataset.length) {
    throw new ArgumentError(`kFold: ${dataset.length} images cannot be dealt out into ${folds} folds.`);
  }
  const random = new RandomStream(`folds/${options.seed ?? 0}`);
  const { stratified = true } = options;
  const strata = stratified
    ? [...strataOf(dataset).values()]
    : [Int32Array.from({ length: dataset.length }, (_, i) => i)];
  // Dealt like cards, one class after another, so that neither a class nor a fold gets more than its share.
  const cards = strata.flatMap((indices) => [...random.shuffle(Int32Array.from(indices))]);
  const foldOf = (fold: number): number[] => cards.filter((_, at) => at % folds === fold);
  return Array.from({ length: folds }, (_, fold) => {
    const rest = cards.filter((_, at) => at % folds !== fold);
    return [subset(dataset, random.shuffle(rest)), subset(dataset, random.shuffle(foldOf(fold)))];
  });
}
