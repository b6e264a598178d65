import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import { describe, expect, test } from 'vitest';

/** A file that a bundler writes: its code, and the files that the engine loads together with it. */
interface Chunk {
  code: string;
  isEntry: boolean;
  imports: string[];
}

/** Kilobytes after gzip: what a page loads at the start, and that with what it loads later, by `import()`, if it ever needs it. */
interface Sizes {
  start: number;
  total: number;
}

const root = resolve(import.meta.dirname, '../..');

async function byEsbuild(program: string): Promise<Map<string, Chunk>> {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: program, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    outdir: root,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return new Map(
    outputFiles.map(({ path, text }) => {
      const { entryPoint, imports } = metafile.outputs[path.slice(root.length + 1)];
      const loaded = imports.filter(({ kind }) => kind === 'import-statement').map((each) => resolve(root, each.path));
      return [path, { code: text, isEntry: entryPoint === '<stdin>', imports: loaded }];
    }),
  );
}

async function byVite(program: string): Promise<Map<string, Chunk>> {
  const entry = resolve(root, 'program.ts');
  const result = await vite.build({
    configFile: false,
    root,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2022',
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict' },
    },
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? entry : undefined),
        load: (id) => (id === entry ? program : undefined),
      },
    ],
  });
  const { output } = result as vite.Rolldown.RolldownOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  return new Map(chunks.map(({ fileName, code, isEntry, imports }) => [fileName, { code, isEntry, imports }]));
}

function sizesOf(chunks: Map<string, Chunk>): Sizes {
  const kilobytes = ({ code }: Chunk): number => gzipSync(code, { level: 9 }).length / 1000;
  const atStart = new Set<string>();
  const visit = (name: string): void => {
    if (atStart.has(name)) return;
    atStart.add(name);
    chunks.get(name)?.imports.forEach(visit);
  };
  for (const [name, { isEntry }] of chunks) if (isEntry) visit(name);
  const sum = (some: Chunk[]): number => some.reduce((size, chunk) => size + kilobytes(chunk), 0);
  return {
    start: sum([...chunks].filter(([name]) => atStart.has(name)).map(([, chunk]) => chunk)),
    total: sum([...chunks.values()]),
  };
}

const bundlers: [string, (program: string) => Promise<Map<string, Chunk>>][] = [
  ['esbuild', byEsbuild],
  ['Vite', byVite],
];

/** What a page loads at the start for a name, in kilobytes at most. */
const limits: [what: string, program: string, most: number][] = [
  ['relu and Tensor', "export { relu, Tensor } from './src/index.js'", 45],
  ['one model without training', "export { createModel } from './src/index.js'", 121],
  ['the whole main entry', "export * from './src/index.js'", 178],
  ['the ResNets alone', "export { resnet18 } from './src/models/index.js'", 107],
];

describe.each(bundlers)('by %s and gzip', (bundler, bundle) => {
  test.each(limits)('%s stay small', async (what, program, most) => {
    const { start, total } = sizesOf(await bundle(program));
    const later = total > start ? `, ${(total - start).toFixed(1)} kB more when needed` : '';
    console.log(`${what}: ${start.toFixed(1)} kB at the start by ${bundler} and gzip${later}`);
    expect(start).toBeGreaterThan(10);
    expect(start).toBeLessThanOrEqual(most);
  });

  test('a page without workers does not load their program', async () => {
    const chunks = await bundle("export { DataLoader } from './src/index.js'");
    const holders = [...chunks.values()].filter(({ code }) => code.includes('The random numbers are drawn by'));
    expect(holders.map(({ isEntry }) => isEntry)).toEqual([false]);
    const { start, total } = sizesOf(chunks);
    expect(total - start).toBeGreaterThan(5);
  });
});

test('a name costs what it needs: one operation is a small part of the whole', async () => {
  const [relu, all] = await Promise.all([byEsbuild(limits[0][1]), byEsbuild(limits[2][1])]);
  expect(sizesOf(relu).start).toBeLessThan(sizesOf(all).start / 3);
});
