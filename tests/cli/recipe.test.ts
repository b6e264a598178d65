import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RecipeResult } from '../../cli/recipe/results.js';
import { sampleDeviation } from '../../cli/recipe/statistics.js';
import { resultsPage } from '../../cli/recipe/table.js';
import { recipes } from '../../src/recipes/index.js';
import { bytesIn, type RunOptions, stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const recipe = (args: string[], onOutput?: RunOptions['onOutput']) =>
  stridenet(['recipe', ...args], { cwd: folder, onOutput });

describe('the recipes', () => {
  test('are listed without a name, and for one that there is not', async () => {
    const { code, output } = await recipe([]);
    expect(code).toBe(0);
    for (const name of Object.keys(recipes)) expect(output).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(output).toMatch(/ {2}tiny +airbench network 32-128-128, 10 epochs, to reach 91\.5 %/);
    const wrong = await recipe(['tinny']);
    expect(wrong.code).toBe(2);
    expect(wrong.output).toContain("stridenet recipe: There is no recipe 'tinny'. Did you mean tiny?");
  });

  test('print what they reached, with and without views, and leave result files', async () => {
    const { code, output } = await recipe(['tiny', '--seed', '3', '--note', 'a test']);
    expect(output).toMatch(
      /test accuracy with test-time augmentation \d+\.\d\d %\ntest accuracy \d+\.\d\d %, 0:\d\d after the command\n$/,
    );
    expect(code).toBe(0);
    const at = join(folder, 'runs/tiny-seed3/tiny-seed3');
    const result: RecipeResult = JSON.parse(readFileSync(`${at}.json`, 'utf8'));
    expect(result).toMatchObject({ recipe: 'tiny', seed: 3, note: 'a test', resumed: 0, test: { images: 100 } });
    expect(readFileSync(`${at}.csv`, 'utf8').split('\n')).toHaveLength(3);
  });

  test('go on with --resume where they were stopped', async () => {
    // Long enough that the signal comes in time, however late this process gets its turn.
    const args = ['quick', '--epochs', '20', '--limit', '350'];
    const whole = await recipe([...args, '--out', 'runs/whole']);
    let stopped = false;
    const first = await recipe([...args, '--out', 'runs/parts'], (output, kill) => {
      if (stopped || !output.includes('epoch  1/20')) return;
      stopped = true;
      kill('SIGINT');
    });
    expect(first.code).toBe(130);
    const second = await recipe([...args, '--out', 'runs/parts', '--resume']);
    const accuracies = (output: string): string[] => output.match(/test accuracy.*%/g) ?? [];
    expect(accuracies(second.output)).toEqual(accuracies(whole.output));
    const bytes = (run: string): Buffer => readFileSync(join(folder, 'runs', run, 'weights.safetensors'));
    expect(bytes('parts').equals(bytes('whole'))).toBe(true);
    const result: RecipeResult = JSON.parse(readFileSync(join(folder, 'runs/parts/quick-seed1.json'), 'utf8'));
    expect(result.resumed).toBe(1);
  });

  test('refuse to go on with another seed or recipe, and leave every byte as it was', async () => {
    const args = ['--limit', '350', '--epochs', '1', '--out', 'runs/one'];
    await recipe(['tiny', ...args]);
    const before = bytesIn(join(folder, 'runs/one'));
    const seed = await recipe(['tiny', '--resume', '--out', 'runs/one', '--seed', '2']);
    expect(seed.output).toContain(
      'stridenet recipe: --resume: the run in runs/one has --seed 1, not 2. Leave --seed out',
    );
    const other = await recipe(['quick', '--resume', '--out', 'runs/one']);
    expect(other.output).toContain(
      'stridenet recipe: --resume: the run in runs/one is of the recipe tiny, not of quick.',
    );
    expect([seed.code, other.code]).toEqual([1, 1]);
    expect(bytesIn(join(folder, 'runs/one'))).toEqual(before);
  });

  test('lose nothing of an earlier run in their folder, or of its result elsewhere', async () => {
    const args = ['tiny', '--limit', '350', '--epochs', '1', '--out', 'runs/again', '--results', 'results'];
    await recipe(args);
    const [run, results] = ['runs/again', 'results'].map((name) => bytesIn(join(folder, name)));
    await recipe([...args, '--note', 'another']);
    expect(bytesIn(join(folder, 'runs/again/earlier/1'))).toEqual(run);
    expect(bytesIn(join(folder, 'results/earlier/1'))).toEqual(results);
    expect(readFileSync(join(folder, 'results/tiny-seed1.json'), 'utf8')).toContain('another');
  });

  test('say what is wrong in one sentence', async () => {
    const { code, output } = await recipe(['vgg', '--resume']);
    expect(code).toBe(1);
    expect(output).toContain('stridenet recipe: --resume: there is no folder runs/vgg-seed1.');
  });
});

describe('the page of results', () => {
  const run = (seed: number, accuracy: number, withViews: number): RecipeResult => ({
    recipe: 'tiny',
    title: 'a network',
    seed,
    note: seed === 2 ? 'beside other work' : '',
    goal: { accuracy: 0.915, minutes: 30 },
    test: { images: 10_000, loss: 1, accuracy, withViews },
    seconds: 600,
    cpuSeconds: 1190,
    resumed: seed - 1,
    config: { images: 50_000, epochs: 10 },
    machine: { node: 'v24.1.0', threads: 2 },
  });

  test('has a line a recipe with mean and deviation, and a line a run', () => {
    const page = resultsPage([run(2, 0.91, 0.92), run(1, 0.9, 0.91)], ['quick', 'tiny']);
    expect(page).toContain('| `tiny` | a network | 91.5 %, 30 min | 2 | 91.50 % ± 0.71 | 90.50 % ± 0.71 | 10 min |\n');
    expect(page).toContain('| tiny | 1 | 91.00 % | 90.00 % | 10 min | 20 min | 833 | Node 24.1.0, 2 threads |  |\n');
    expect(page).toContain('| Node 24.1.0, 2 threads | beside other work; resumed 1 times |\n');
    expect(page.indexOf('| tiny | 1 |')).toBeLessThan(page.indexOf('| tiny | 2 |'));
    expect(page).not.toContain('quick');
  });

  test('takes the deviation with n - 1', () => {
    expect(sampleDeviation([1, 3])).toBeCloseTo(Math.SQRT2, 12);
  });
});
