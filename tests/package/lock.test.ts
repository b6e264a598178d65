import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Locked {
  version?: string;
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

describe.each([
  { folder: '../..', platforms: 40 },
  { folder: '../engines', platforms: 15 },
])('the lock file in $folder', ({ folder, platforms }) => {
  const text = readFileSync(new URL(`${folder}/package-lock.json`, import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, Locked> };

  test('names the packages of every platform, without which npm ci refuses to install', () => {
    const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(platforms);
    expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
  });

  test('leaves it to npm from where packages come', () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([]);
  });
});
