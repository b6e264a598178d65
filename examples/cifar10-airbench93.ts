// `npx tsx examples/cifar10-airbench93.ts`; what it does and what it has reached stands in docs/results/README.md.
import { recipes } from '../src/recipes/index.js';
import { runRecipe } from './support/runRecipe.js';

await runRecipe(recipes.airbench93);
