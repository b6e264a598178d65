import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkSaved, type Flag, flagTable, readFlags, UsageError } from '../../../cli/flags.js';
import { kernelInfo } from '../../../src/index.js';
import type { Recipe } from '../../../src/recipes/index.js';
import { CONFIG, checkSame, readConfig } from '../runFolder.js';
import { tiny } from '../tiny.js';

/** What the run of a recipe is told. */
export interface RecipeSettings {
  seed: number;
  epochs: number;
  data?: string;
  kernels: 'simd' | 'plain' | 'reference';
  threads: number;
  limit: number;
  out: string;
  results: string;
  note: string;
  resume: boolean;
}

const FLAGS: Flag<keyof RecipeSettings>[] = [
  { name: 'seed', value: 'N', help: 'the same seed gives the same bytes', range: [0, 2 ** 31] },
  { name: 'epochs', value: 'N', help: 'a shorter or longer run: the schedule is stretched', range: [1, 10_000] },
  { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
  { name: 'kernels', value: 'TABLE', help: 'simd, plain or reference', oneOf: ['simd', 'plain', 'reference'] },
  { name: 'threads', value: 'N', help: 'threads of the simd kernels', range: [1, 256] },
  { name: 'limit', value: 'N', help: 'use only the first N training and N test images; 0 for all', range: [0, 1e9] },
  { name: 'out', value: 'DIR', help: 'where checkpoints and weights go' },
  { name: 'results', value: 'DIR', help: 'where the small files for the table of results go' },
  { name: 'note', value: 'TEXT', help: 'a remark for the table, such as what else the machine did' },
  { name: 'resume', help: 'continue the run in --out where it was stopped or killed' },
];

/** Reads the command line of a recipe. Throws `UsageError`. */
export function readRecipeArguments(recipe: Recipe, argv: string[]): { settings: RecipeSettings; help: boolean } {
  const defaults = { ...defaultsOf(recipe), out: '', results: '' };
  const { settings, help } = readFlags(FLAGS, argv, defaults);
  const out = settings.out || `runs/${recipe.name}-seed${settings.seed}`;
  const saved = settings.resume && !help ? savedSettings(recipe, out) : null;
  if (saved === null) return { settings: { ...settings, out, results: settings.results || out }, help };
  const resumed = readFlags(FLAGS, argv, { ...defaults, ...saved, out }).settings;
  checkSame(out, { ...defaults, ...saved }, resumed, ['seed', 'limit']);
  return { settings: { ...resumed, results: resumed.results || out }, help };
}

/** What the run in a folder was told; null where it has not begun. Throws `UsageError` when it is of another recipe. */
function savedSettings(recipe: Recipe, out: string): Partial<RecipeSettings> | null {
  const path = join(out, CONFIG);
  if (!existsSync(path)) return null;
  const { recipe: name, ...saved } = Object(readConfig(out));
  if (name !== recipe.name) {
    throw new UsageError(
      `--resume: the run in ${out} is of ${name === undefined ? 'no recipe' : `the recipe ${name}`}, not of ${recipe.name}. Choose another --out.`,
    );
  }
  return checkSaved(FLAGS, saved, path);
}

/** What --help prints. */
export function recipeHelp(recipe: Recipe): string {
  const { accuracy, minutes } = recipe.goal;
  const within = minutes === undefined ? '' : ` within ${minutes} minutes on two cores`;
  return `Trains on CIFAR-10: ${recipe.title}. To reach ${(100 * accuracy).toFixed(1)} %${within}.

  npm run recipe -- ${recipe.name} [flags]

${flagTable(FLAGS, defaultsOf(recipe))}

A run that was stopped by Ctrl-C or killed goes on with the same command and --resume.`;
}

function defaultsOf(recipe: Recipe): RecipeSettings {
  return {
    seed: 1,
    epochs: tiny ? 1 : recipe.epochs,
    kernels: kernelInfo().table === 'simd' ? 'simd' : 'plain',
    threads: availableParallelism(),
    limit: 0,
    out: `runs/${recipe.name}-seed1`,
    results: 'as --out',
    note: '',
    resume: false,
  };
}
