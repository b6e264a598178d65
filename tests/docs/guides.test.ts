import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as stridenet from '../../src/index.js';

const root = resolve(import.meta.dirname, '../..');

/** The texts that explain the library: the README, the guides and the examples. */
function texts(): string {
  const files = ['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const read = ['README.md', ...files].filter((file) => /\.(md|ts)$/.test(file));
  return read.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

test('every runtime name of the main entry appears in a guide or an example', () => {
  const words = new Set(texts().match(/[A-Za-z_$][\w$]*/g));
  expect(Object.keys(stridenet).length).toBeGreaterThan(100);
  expect(Object.keys(stridenet).filter((name) => !words.has(name))).toEqual([]);
});
