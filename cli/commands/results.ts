// Writes docs/results/README.md and its picture from the result files beside it: `npm run results`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/node/index.js';
import { recipes } from '../src/recipes/index.js';
import { recipeCurves } from './support/recipes/curves.js';
import type { RecipeResult } from './support/recipes/results.js';
import { resultsPage } from './support/recipes/table.js';

const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/results');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const results: RecipeResult[] = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const curves = results.map((result) => ({
  result,
  csv: readFileSync(join(folder, `${result.recipe}-seed${result.seed}.csv`), 'utf8'),
}));
await writeFileAtomic(join(folder, 'README.md'), resultsPage(results, Object.keys(recipes)));
await writeFileAtomic(join(folder, 'curves.svg'), await recipeCurves(curves));
console.log(`${results.length} runs in ${join(folder, 'README.md')}`);
