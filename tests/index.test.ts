import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as stridenet from '../src/index.js';
import { StridenetError } from '../src/index.js';
import * as library from '../testing/library.js';

const source = new URL('../src/', import.meta.url);

/** The functions and classes that bear the name of their file: one file, one idea. */
async function mainExports(folder: string): Promise<[string, unknown][]> {
  const found: [string, unknown][] = [];
  const files = readdirSync(new URL(`${folder}/`, source), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    const names: Record<string, unknown> = await import(new URL(`${folder}/${file}`, source).href);
    const stem = basename(file, '.ts').toLowerCase();
    for (const [name, value] of Object.entries(names)) {
      if (name.toLowerCase() === stem && typeof value === 'function') found.push([name, value]);
    }
  }
  return found;
}

/** What only its neighbors use. */
const inner = new Set(
  `BufferChanges ConvNormActivation DeferredConv2d GradientBuckets OuterStep Recording Scope SqueezeExcitation TrainingClock agree checkTensor
  defaultParameters deferredConcat dispatch enterGroup initialize makeDivisible optionParts parameterList pause recordForward reduceLoss textTable unchanged`.split(
    /\s+/,
  ),
);

describe('the public names', () => {
  test('are at most 150 in the main entry', () => {
    expect(Object.keys(stridenet).length).toBeLessThanOrEqual(150);
  });

  test.each([
    ['tensor', 60],
    ['layers', 30],
    ['models', 8],
    ['optim', 6],
    ['metrics', 3],
    ['train', 6],
    ['debug', 2],
  ])('of stridenet/%s hold what each file of the part is named after', async (folder, least) => {
    const found = await mainExports(folder);
    expect(found.length).toBeGreaterThanOrEqual(least);
    const names: Record<string, unknown> = await import(new URL(`${folder}/index.ts`, source).href);
    const missing = found.filter(([name, value]) => names[name] !== value && !inner.has(name));
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test('of the main entry are the same things that the parts export', () => {
    const parts = library as Record<string, unknown>;
    const strangers = Object.entries(stridenet).filter(([name, value]) => parts[name] !== value);
    expect(strangers.map(([name]) => name)).toEqual([]);
  });

  test('hold the errors, all of one family', () => {
    const errors = Object.entries(stridenet).filter(([name]) => /^[A-Z].*Error$/.test(name));
    expect(errors.length).toBeGreaterThanOrEqual(9);
    for (const [name, error] of errors) {
      expect((error as typeof StridenetError).prototype instanceof StridenetError || error === StridenetError).toBe(
        true,
      );
      expect(new (error as typeof StridenetError)('x').name).toBe(name);
    }
  });
});
