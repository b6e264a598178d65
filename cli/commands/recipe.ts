// Run a recipe by its name: `npm run recipe -- airbench93 --seed 1`. Without a name it lists them.
import { recipes } from '../src/recipes/index.js';
import { runRecipe } from './support/runRecipe.js';

const [name = '', ...argv] = process.argv.slice(2).filter((arg) => arg !== '--');
if (Object.hasOwn(recipes, name)) await runRecipe(recipes[name as keyof typeof recipes], argv);
else {
  if (name !== '') console.error(`recipe: there is no recipe '${name}'.`);
  console.log('npm run recipe -- NAME [flags], --help for the flags of a recipe:\n');
  for (const { name, title, goal } of Object.values(recipes)) {
    console.log(`  ${name.padEnd(14)} ${title}, to reach ${(100 * goal.accuracy).toFixed(1)} %`);
  }
  process.exitCode = name === '' ? 0 : 1;
}
