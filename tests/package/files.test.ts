import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  engines: { node: string };
  scripts: Record<string, string>;
  files: string[];
  exports: Record<string, string | { types: string; default: string }>;
};

/** What `npm pack` would pack of what is here; nothing is built. */
const packed = ((): string[] => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
})();

/** The files that a document's links lead to. */
function linksOf(path: string): string[] {
  const prose = readFileSync(join(root, path), 'utf8').replace(/^```.*?^```$/gms, '');
  const links = [...prose.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)];
  return links.map(([, file]) => normalize(join(dirname(path), file)));
}

test('packing builds first, also in a fresh clone, where nothing may forbid scripts', () => {
  expect(manifest.scripts.prepack).toMatch(/^tsup\b/);
  expect(manifest.files).toContain('dist');
  const npmrc = join(root, '.npmrc');
  expect(existsSync(npmrc) ? readFileSync(npmrc, 'utf8') : '').not.toMatch(/^\s*ignore-scripts\s*=\s*true/m);
});

test('there is one format, ES modules, which the oldest Node that is named can require()', () => {
  expect(manifest.engines.node).toBe('>=20.19');
  for (const [entry, target] of Object.entries(manifest.exports)) {
    // Compiled kernels are no module of JavaScript.
    if (typeof target === 'string' || entry.endsWith('.wasm')) continue;
    const name = entry === '.' ? 'index' : entry.slice(2);
    expect(target).toEqual({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  }
});

test('the package holds what runs and what its users read, not the sources and maps to them', () => {
  expect(packed.filter((path) => /^(src|cli|examples|tests|testing|tools)\/|\.map$/.test(path))).toEqual([]);
  expect(packed).toContain('README.md');
  expect(packed).toContain('docs/getting-started.md');
});

/** What only the repository has: the sources, the pages about them, and the examples, which run on them. */
const repositoryOnly = /^((src|cli|examples|docs\/pictures)(\/.*)?|ARCHITECTURE\.md|CONTRIBUTING\.md)$/;

test('links of the documents lead to files that are in the package, or to the sources in the repository', () => {
  expect(linksOf('README.md').length).toBeGreaterThan(20);
  const documents = packed.filter((path) => /^(README|docs\/.*)(\.md)$/.test(path));
  expect(documents).toContain('docs/training.md');
  const dead = documents.flatMap((path) =>
    linksOf(path)
      .filter(
        (link) =>
          !(repositoryOnly.test(link) && existsSync(join(root, link))) &&
          !packed.includes(link) &&
          !packed.some((file) => file.startsWith(`${link.replace(/\/$/, '')}/`)),
      )
      .map((link) => `${path}: ${link}`),
  );
  expect(dead).toEqual([]);
});
