import { choose } from '../ask.js';
import { defineCommand } from '../command.js';
import { didYouMean, UsageError } from '../flags.js';
import type { RecipeSettings } from '../recipe/settings.js';

export const command = defineCommand<RecipeSettings>({
  about: `Trains a network to a known accuracy on CIFAR-10. Without NAME, it lists the recipes.

A run that was stopped by Ctrl-C or killed goes on with the same command and --resume.`,
  arguments: [{ name: 'NAME', help: 'a recipe, such as airbench93' }],
  flags: async () => (await import('../recipe/settings.js')).FLAGS,
  examples: [
    ['stridenet recipe', 'the recipes and what they reach'],
    ['stridenet recipe airbench93 --seed 1', '93 % on CIFAR-10'],
  ],

  async run({ args: [first], given, terminal }) {
    const { recipes } = await import('../../src/recipes/index.js');
    const choices = Object.values(recipes).map(({ name, title }) => ({ value: name, hint: title }));
    const name = first ?? (await choose(terminal, 'Which recipe?', choices));
    if (name === undefined) {
      for (const { name: each, title, goal } of Object.values(recipes)) {
        terminal.print(`  ${each.padEnd(14)} ${title}, to reach ${(100 * goal.accuracy).toFixed(1)} %`);
      }
      return 0;
    }
    if (!Object.hasOwn(recipes, name)) {
      throw new UsageError(`There is no recipe '${name}'.${didYouMean(name, Object.keys(recipes))}`);
    }
    const { runRecipe } = await import('../recipe/runRecipe.js');
    return runRecipe(recipes[name as keyof typeof recipes], given, terminal);
  },
});
