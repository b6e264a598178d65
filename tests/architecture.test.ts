import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));

/** The imports of a file: packages as they stand, files relative to src. */
function importsOf(file: string): { path: string; typeOnly: boolean }[] {
  const text = readFileSync(join(source, file), 'utf8');
  const lines = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?\bfrom\s+'([^']+)';|^import\s+'([^']+)';|\bimport\('([^']+)'\)/gms,
  );
  return [...lines].map((m) => {
    const target = (m[2] ?? m[3] ?? m[4]) as string;
    const path = target.startsWith('.')
      ? relative(source, resolve(source, dirname(file), target)).replace(/\.js$/, '.ts')
      : target;
    return { path, typeOnly: m[1] !== undefined };
  });
}

/** The layer of a file: its folder, but kernels apart from the rest of tensor, and the files that both stand on. */
function layerOf(file: string): string {
  if (
    /^tensor\/(check|checkOptions|describeValue|copies|version|errors|nearestNames|shape|memory|heap|heapMemory|freeBlocks)\.ts$/.test(
      file,
    )
  )
    return 'base';
  if (file.startsWith('tensor/kernels/')) return 'kernels';
  if (!file.includes('/')) return file;
  return file.slice(0, file.indexOf('/'));
}

/** What each layer may import, besides itself. */
const allowed: Record<string, readonly string[]> = {
  base: [],
  kernels: ['base'],
  tensor: ['base', 'kernels'],
  layers: ['base', 'tensor', 'kernels'],
  optim: ['base', 'tensor', 'kernels', 'layers'],
  models: ['base', 'tensor', 'layers'],
  data: ['base', 'tensor'],
  debug: ['base', 'tensor', 'kernels', 'layers'],
  io: ['base', 'tensor', 'layers'],
  train: ['base', 'tensor', 'layers', 'optim', 'data', 'debug', 'io'],
  onnx: ['base', 'tensor', 'kernels', 'layers', 'debug', 'io'],
  tfjs: ['base', 'tensor', 'layers', 'io'],
  node: ['base', 'tensor', 'kernels', 'layers', 'optim', 'models', 'data', 'debug', 'io', 'train', 'onnx', 'tfjs'],
};

describe('the layering', () => {
  it.each(files.filter((f) => f !== 'index.ts'))('%s imports only from layers below it', (file) => {
    const layer = layerOf(file);
    const foreign = importsOf(file)
      .filter(({ path }) => path.endsWith('.ts'))
      .filter(({ path }) => layerOf(path) !== layer && !allowed[layer]?.includes(layerOf(path)))
      .map(({ path }) => path);
    expect(foreign, `${layer} may import ${allowed[layer]}`).toEqual([]);
  });

  it('lets only ops, optimisers and the gradient tools call kernels', () => {
    const callers = files.filter((f) =>
      /\bkernels\.[a-z]\w*\(/.test(readFileSync(join(source, f), 'utf8').replace(/^\s*\*.*$/gm, '')),
    );
    const outside = callers.filter((f) => !/^(tensor\/(ops|kernels)\/|optim\/|tensor\/tape\.ts$)/.test(f));
    expect(outside).toEqual([]);
  });

  it('reaches no node: module from the main entry, so that it runs in browsers and workers', () => {
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const { path } of importsOf(file)) {
        expect(path, `imported by ${file}`).not.toMatch(/^(node:|fs$|path$|zlib$|worker_threads$)/);
        if (path.endsWith('.ts')) visit(path);
        else expect(['ndarray', 'seedrandom', 'seedrandom/lib/alea.js'], `imported by ${file}`).toContain(path);
      }
    };
    visit('index.ts');
    expect(seen.size).toBeGreaterThan(20);
  });
});

describe('the entries of other formats', () => {
  it('alone know the protobuf library, with the event files of TensorBoard', () => {
    const others = files.filter(
      (f) =>
        importsOf(f).some(({ path }) => path.startsWith('@bufbuild/')) &&
        !f.startsWith('onnx/') &&
        f !== 'node/tracking/tensorboard.ts',
    );
    expect(others).toEqual([]);
  });

  it('reach no node: module, so that they run in browsers', () => {
    const foreign = files.filter(
      (f) => /^(onnx|tfjs)\//.test(f) && importsOf(f).some(({ path }) => path.startsWith('node:')),
    );
    expect(foreign).toEqual([]);
  });
});

describe('the Node entry', () => {
  it('alone knows the library that draws bars', () => {
    const others = files.filter(
      (f) => importsOf(f).some(({ path }) => path === 'cli-progress') && !f.startsWith('node/'),
    );
    expect(others).toEqual([]);
  });
});

describe('the taste of the code', () => {
  it('keeps nine files of ten under 400 lines and half of them under 150', () => {
    const lengths = files.map((f) => readFileSync(join(source, f), 'utf8').split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(150);
    expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThanOrEqual(400);
  });
});
