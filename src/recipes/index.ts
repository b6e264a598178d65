import { airbench93, tiny } from './airbench.js';
import { airbench94 } from './airbench94.js';
import { googlenet, mobilenetV2, quick, resnet8, resnet20, squeezenet, vgg } from './oneCycle.js';
import type { Recipe } from './recipe.js';

export { whitenFirstLayer } from './airbench.js';
export { planRecipe, type RecipePlan } from './planRecipe.js';
export type { Recipe } from './recipe.js';

/** The recipes for CIFAR-10 by name; what each reached stands in docs/results. */
export const recipes = {
  quick,
  tiny,
  airbench93,
  airbench94,
  resnet8,
  resnet20,
  'mobilenet-v2': mobilenetV2,
  squeezenet,
  vgg,
  googlenet,
} satisfies Record<string, Recipe>;
