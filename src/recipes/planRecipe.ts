import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { type Dataset, subset } from '../data/dataset.js';
import { DataLoader } from '../data/loader.js';
import { measureMeanStd } from '../data/meanStd.js';
import { compose, type MeanStd, progressiveResize } from '../data/transforms/index.js';
import type { Module } from '../layers/module.js';
import type { Callback } from '../train/callbacks.js';
import type { FitOptions } from '../train/fit.js';
import type { Recipe } from './recipe.js';

/** Images that `prepare` looks at. */
const PREPARING_IMAGES = 5000;

/** What `planRecipe` returns: a model, loaders and options for `fit`. */
export interface RecipePlan {
  /** What `fit` takes; add validation data, callbacks or a checkpoint to resume from. */
  options: FitOptions & { train: DataLoader; callbacks: readonly Callback[] };
  /** What the training images are normalized by; images to be classified need the same. */
  normalize: MeanStd;
  /** What the images of each epoch cost beside those of another, where their size changes: for `progressBar`. */
  epochWork?: number[] | undefined;
}

/**
 * Makes of a recipe, a fresh model and training images what `fit` takes, and prepares the model (whitening, where the recipe
 * has it).
 *
 * Options: `epochs`, default the recipe's; the schedule is stretched along. Randomness comes from the library's streams, so
 * `manualSeed` before `createModel` decides everything.
 *
 * @example
 * manualSeed(1);
 * const model = createModel(recipes.tiny.model, recipes.tiny.modelOptions);
 * const plan = planRecipe(recipes.tiny, model, await cifar10({ split: 'train' }));
 * await fit(model, plan.options);
 */
export function planRecipe(
  recipe: Recipe,
  model: Module,
  train: Dataset,
  options: { epochs?: number | undefined } = {},
): RecipePlan {
  checkOptions('planRecipe', options, ['epochs']);
  const { epochs = recipe.epochs } = options;
  checkWhole('planRecipe', 'epochs', epochs, 1);
  const { batchSize, microBatchSize, labelSmoothing } = recipe;
  const normalize = measureMeanStd(train);
  if (recipe.prepare !== undefined) prepare(recipe.prepare, model, train, normalize);
  const sizes = recipe.imageSizes?.(epochs);
  const transform = sizes === undefined ? recipe.transform() : compose(recipe.transform(), progressiveResize(sizes));
  const loader = new DataLoader(train, { batchSize, shuffle: true, dropLast: true, transform, normalize });
  const optimizer = recipe.optimizer(model, batchSize);
  return {
    normalize,
    ...(sizes !== undefined && { epochWork: sizes.map((side) => side ** 2) }),
    options: {
      train: loader,
      optimizer,
      schedule: recipe.schedule(epochs * loader.length, optimizer),
      epochs,
      ...(microBatchSize !== undefined && { microBatchSize }),
      ...(labelSmoothing !== undefined && { labelSmoothing }),
      ...(recipe.lookahead !== undefined && { lookahead: recipe.lookahead(model) }),
      callbacks: recipe.callbacks?.(model) ?? [],
    },
  };
}

function prepare(look: NonNullable<Recipe['prepare']>, model: Module, train: Dataset, normalize: MeanStd): void {
  const count = Math.min(PREPARING_IMAGES, train.length);
  const first = subset(
    train,
    Array.from({ length: count }, (_, i) => i),
  );
  for (const { x } of new DataLoader(first, { batchSize: count, normalize })) look(model, x);
}
