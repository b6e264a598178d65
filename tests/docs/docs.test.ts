import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synthetic } from '../../src/data/synthetic.js';
import { builtProgram } from '../../testing/builtLibrary.js';
import { drawnPhoto } from '../../testing/photoFolder.js';
import { strictest } from '../../testing/strictest.js';
import { pages, root } from './snippets.js';

const local = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-docs-'));
const sources = mkdtempSync(join(tmpdir(), 'stridenet-snippets-'));
const programs = pages.filter(({ program }) => program !== '');

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const { name, program } of programs) writeFileSync(join(folder, `${name}.ts`), `${program}\nexport {};\n`);
  // A small data set in CIFAR-10's format, for the pages that read it.
  const images = synthetic({ length: 20 });
  const record = (i: number): Buffer => Buffer.concat([Buffer.of(images.label(i)), images.image(i)]);
  const bytes = Buffer.concat(Array.from({ length: 20 }, (_, i) => record(i)));
  mkdirSync(join(folder, 'cifar'));
  for (const file of ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch']) {
    writeFileSync(join(folder, 'cifar', `${file}.bin`), bytes);
  }
  // Photographs in folders.
  const photo = await drawnPhoto(1, 40, 30);
  for (const [part, count] of Object.entries({ 'photos/train': 4, 'photos/val': 2, all: 5 })) {
    for (const name of ['ants', 'bees']) {
      mkdirSync(join(folder, part, name), { recursive: true });
      for (let i = 0; i < count; i++) writeFileSync(join(folder, part, name, `${i}.png`), photo);
    }
  }
});
afterAll(() => {
  for (const made of [folder, sources]) rmSync(made, { recursive: true });
});

/** One space for each run of white space, so that line breaks of console.log do not matter. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

describe('the snippets of the documents', () => {
  test('are found', () => {
    expect(programs.map(({ path }) => path)).toContain('README.md');
    expect(programs.length).toBeGreaterThanOrEqual(6);
  });

  test('pass the type checker at its strictest', () => {
    const compilerOptions = {
      ...strictest,
      noEmit: true,
      noUnusedLocals: false,
      types: ['node'],
      moduleDetection: 'force',
    };
    const include = programs.map(({ name }) => `${name}.ts`);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include }),
    );
    const tsc = join(dirname(local.resolve('typescript/package.json')), 'bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', cwd: folder });
    // Errors in the sources are the concern of `npm run typecheck`.
    expect(stdout.split('\n').filter((line) => include.includes(line.slice(0, line.indexOf('('))))).toEqual([]);
  }, 240_000);

  test.each(programs)('of $path run and print what they say', async ({ name, source, prints }) => {
    const env = { ...process.env, CIFAR10_DIR: join(folder, 'cifar') };
    const file = join(sources, `${name}.ts`);
    writeFileSync(file, `${source}\nexport {};\n`);
    const { stdout } = await promisify(execFile)(process.execPath, [await builtProgram(file)], { cwd: folder, env });
    const output = flat(stdout);
    let at = 0;
    for (const expected of prints) {
      const parts = flat(expected).split('...');
      for (const part of parts) {
        const found = output.indexOf(part.trim(), at);
        expect(found, `'${expected}' in order in: ${stdout}`).toBeGreaterThanOrEqual(0);
        at = found + part.trim().length;
      }
    }
  });
});

/** What a heading is called in a link: lower case, words joined by hyphens, punctuation dropped; a second one of that name gets -1. */
function anchors(text: string): string[] {
  const seen = new Map<string, number>();
  const prose = text.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading]) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
}

describe('the links of the documents', () => {
  test.each(pages)('of $path lead to a file, and to a heading of it where they name one', ({ path, text }) => {
    const prose = text.replace(/^```.*?^```$/gms, '');
    const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?[^)]*\)/g)];
    const broken = links.filter(([, file, anchor]) => {
      const target = file === '' ? resolve(root, path) : resolve(root, dirname(path), file);
      if (!existsSync(target)) return true;
      if (anchor === undefined || !target.endsWith('.md')) return false;
      return !anchors(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test('are checked as they are meant', () => {
    const headings = anchors(
      '# A *b*: c/d\n\n```sh\n# no heading\n```\n## `x` and [y](z)\n## A b cd\n### Two  spaces\n',
    );
    expect(headings).toEqual(['a-b-cd', 'x-and-y', 'a-b-cd-1', 'two--spaces']);
  });

  test('lead to every guide', () => {
    const linked = new Set<string>();
    for (const { path, text } of pages) {
      for (const [, file] of text.matchAll(/\]\(([^)\s#]+\.md)[^)]*\)/g)) {
        const target = relative(root, resolve(root, dirname(path), file));
        if (target !== path) linked.add(target);
      }
    }
    expect(pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !linked.has(path))).toEqual([]);
  });
});
