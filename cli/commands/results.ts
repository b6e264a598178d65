import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from '../command.js';
import type { RecipeResult } from '../recipe/results.js';

export const command = defineCommand({
  about:
    'Writes README.md and curves.svg of a folder from the results that `stridenet recipe --results FOLDER` left there.',
  arguments: [{ name: 'FOLDER', help: 'the folder; default: docs/results' }],

  async run({ args: [folder = 'docs/results'], terminal }) {
    const { writeFileAtomic } = await import('../../src/node/index.js');
    const { recipes } = await import('../../src/recipes/index.js');
    const { recipeCurves } = await import('../recipe/curves.js');
    const { resultsPage } = await import('../recipe/table.js');
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    const results: RecipeResult[] = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    const curves = results.map((result) => ({
      result,
      csv: readFileSync(join(folder, `${result.recipe}-seed${result.seed}.csv`), 'utf8'),
    }));
    await writeFileAtomic(join(folder, 'README.md'), resultsPage(results, Object.keys(recipes)));
    await writeFileAtomic(join(folder, 'curves.svg'), await recipeCurves(curves));
    terminal.print(`${results.length} runs in ${join(folder, 'README.md')}`);
  },
});
