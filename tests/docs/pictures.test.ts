import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { TRANSFORM_MAKERS } from '../../src/data/transforms/registry.js';
import { augmentations, pictures } from '../../tools/pictures.js';

const docs = resolve(import.meta.dirname, '../../docs');
const page = readFileSync(resolve(docs, 'augmentation.md'), 'utf8');

test('the pictures of the augmentations are what the code draws (else: npm run pictures)', () => {
  const drawn = pictures();
  expect(readdirSync(resolve(docs, 'pictures')).sort()).toEqual([...drawn.keys()].sort());
  for (const [name, bytes] of drawn) {
    const [kept, now] = [decode(readFileSync(resolve(docs, 'pictures', name))), decode(bytes)];
    expect([kept.width, kept.height], name).toEqual([now.width, now.height]);
    // Another version of V8 may round a sine otherwise, and a value beside a threshold then falls on its other side.
    const others = now.data.filter((value, i) => Math.abs(value - kept.data[i]) > 1).length;
    expect(others / now.data.length, name).toBeLessThan(0.001);
  }
});

test('the page shows every picture, and every transform of chance has one', () => {
  const shown = [...page.matchAll(/\(pictures\/([^)]+)\)/g)].map(([, name]) => name);
  expect(shown.sort()).toEqual([...pictures().keys()].sort());
  const drawn = new Set(Object.values(augmentations).map(({ spec }) => spec?.name));
  expect(Object.keys(TRANSFORM_MAKERS).filter((name) => !drawn.has(name))).toEqual([
    'centerCrop',
    'normalize',
    'progressiveResize',
    'resize',
  ]);
});
