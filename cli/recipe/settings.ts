import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { kernelInfo } from '../../src/index.js';
import type { Recipe } from '../../src/recipes/index.js';
import { CommandError, checkSaved, type Flag } from '../flags.js';
import { CONFIG, checkSame, readConfig } from '../runs/runFolder.js';
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

/** The flags of `stridenet recipe`. */
export const FLAGS: readonly Flag<keyof RecipeSettings>[] = [
  { name: 'seed', value: 'N', help: 'the same seed gives the same bytes', default: 1, range: [0, 2 ** 31] },
  { name: 'epochs', value: 'N', help: 'a shorter or longer run; the schedule is stretched', range: [1, 10_000] },
  { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
  { name: 'kernels', value: 'TABLE', help: 'the table of kernels', oneOf: ['simd', 'plain', 'reference'] },
  { name: 'threads', value: 'N', help: 'threads of the simd kernels', range: [1, 256] },
  { name: 'limit', value: 'N', help: 'use only the first N training and N test images; 0 for all', range: [0, 1e9] },
  { name: 'out', value: 'DIR', help: 'where checkpoints and weights go; default: runs/NAME-seedN' },
  { name: 'results', value: 'DIR', help: 'where the small files for the table of results go; default: as --out' },
  { name: 'note', value: 'TEXT', help: 'a remark for the table, such as what else the machine did' },
  { name: 'resume', help: 'continue the run in --out where it was stopped or killed' },
];

/** The flags given, over the settings of the run to resume, over the defaults. Throws `CommandError`. */
export function settingsOf(recipe: Recipe, given: Partial<RecipeSettings>): RecipeSettings {
  const defaults = defaultsOf(recipe);
  const settings = { ...defaults, ...given };
  const out = given.out ?? `runs/${recipe.name}-seed${settings.seed}`;
  const saved = settings.resume ? savedSettings(recipe, out) : null;
  if (saved === null) return { ...settings, out, results: given.results ?? out };
  const before = { ...defaults, ...saved, out };
  const resumed = { ...before, ...given };
  checkSame(out, before, resumed, ['seed', 'limit']);
  return { ...resumed, results: resumed.results || out };
}

/** What the run in a folder was told; null where it has not begun. Throws `CommandError` when it is of another recipe. */
function savedSettings(recipe: Recipe, out: string): Partial<RecipeSettings> | null {
  const path = join(out, CONFIG);
  if (!existsSync(path)) return null;
  const { recipe: name, ...saved } = Object(readConfig(out));
  if (name !== recipe.name) {
    throw new CommandError(
      `--resume: the run in ${out} is of ${name === undefined ? 'no recipe' : `the recipe ${name}`}, not of ${recipe.name}. Choose another --out.`,
    );
  }
  return checkSaved(FLAGS, saved, path);
}

function defaultsOf(recipe: Recipe): RecipeSettings {
  return {
    seed: 1,
    epochs: tiny ? 1 : recipe.epochs,
    kernels: kernelInfo().table === 'simd' ? 'simd' : 'plain',
    threads: availableParallelism(),
    limit: 0,
    out: '',
    results: '',
    note: '',
    resume: false,
  };
}
