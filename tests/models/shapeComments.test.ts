import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dryRun } from '../../src/debug/dryRun.js';
import type { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { Tensor } from '../../src/tensor/tensor.js';

/**
 * Statements in src/models end with the shape that they make, as in `y = this.layer1.forward(y); // [N, 16, 32, 32]`. Here every
 * file is rewritten so that each such statement reports its tensor, run, and compared with its comments.
 *
 * A whole number stands for itself; a letter for one size throughout one call of its function.
 */
const models = new URL('../../src/models/', import.meta.url);
const source = new URL('../../src/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'shape-comments-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  /** 'cifarNet.ts:41' */
  place: string;
  comment: string;
  /** Which call of its function it belongs to. */
  call: number;
  shape: readonly number[];
}

const reports: Report[] = [];
let calls = 0;
const probe = {
  begin: (): number => calls++,
  report<T extends Tensor>(place: string, comment: string, call: number, tensor: T): T {
    reports.push({ place, comment, call, shape: tensor.shape });
    return tensor;
  },
};
(globalThis as { shapeProbe?: typeof probe }).shapeProbe = probe;

/** Classes whose comments are about ImageNet's size make these for CIFAR's too. */
const smaller = ['resnet18_cifar', 'mobilenet_v2_cifar'];

const files = readdirSync(models).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
const text = (file: string): string => readFileSync(new URL(file, models), 'utf8');
/** The head of a function or method, other than a constructor, that stands on one line. */
const begins = /^(?:(?:export )?function \w+|(?: {2})(?:(?:override|private) )?(?!constructor)\w+)\(.*\{$/;
const commented = /^(\s*)(?:(?:const |let )?(\w+) = .*|return (.*)); \/\/ (\[.*\])$/;

/** The places of all shape comments of a file, and its code with a probe at each. */
function instrument(file: string): { places: string[]; code: string } {
  const places: string[] = [];
  const lines = text(file)
    .split('\n')
    .map((line, i) => {
      if (begins.test(line)) return `${line} const call = shapeProbe.begin();`;
      const found = commented.exec(line);
      if (found === null) return line;
      const [, indent, name, value, comment] = found;
      places.push(`${file}:${i + 1}`);
      const tail = `'${file}:${i + 1}', '${comment}', call, `;
      if (value !== undefined) return `${indent}return shapeProbe.report(${tail}${value});`;
      return `${line.slice(0, line.lastIndexOf('//'))}shapeProbe.report(${tail}${name});`;
    });
  const code = lines
    .join('\n')
    .replace(/from '\.\.\/(.*)\.js'/g, (_, path) => `from '${new URL(`${path}.ts`, source).pathname}'`)
    .replace(/from '\.\/(.*)\.js'/g, "from './$1.ts'");
  return { places, code };
}

/** What is wrong with the report: nothing, or a sentence. */
function mismatch({ place, comment, shape }: Report, sizes: Map<string, number>): string | null {
  const entries = comment.slice(1, -1).split(', ');
  const wrong = entries.some((entry, axis) => {
    if (/^\d+$/.test(entry)) return Number(entry) !== shape[axis];
    if (!sizes.has(entry)) sizes.set(entry, shape[axis]);
    return sizes.get(entry) !== shape[axis];
  });
  if (!wrong && entries.length === shape.length) return null;
  return `${place} says ${comment}, but the shape is [${shape.join(', ')}]`;
}

function mismatches(found: readonly Report[]): string[] {
  const sizes = new Map<number, Map<string, number>>();
  return found.flatMap((report) => {
    if (!sizes.has(report.call)) sizes.set(report.call, new Map());
    return mismatch(report, sizes.get(report.call) as Map<string, number>) ?? [];
  });
}

describe('shape comments', async () => {
  const places = new Map<string, string[]>();
  for (const file of [...files, 'index.ts']) {
    const instrumented = instrument(file);
    places.set(file, instrumented.places);
    writeFileSync(join(folder, file), instrumented.code);
  }
  const instrumented: typeof import('../../src/models/index.js') = await import(
    /* @vite-ignore */ join(folder, 'index.ts')
  );
  const batch = (name: string): Tensor => Tensor.zeros([5, ...instrumented.models[name as 'alexnet'].inputShape]);
  for (const [name, { build }] of Object.entries(instrumented.models)) {
    if (smaller.includes(name)) continue;
    const model: Module = withoutInit(() => build());
    dryRun(() => model.predict(batch(name)));
    // Ten of them together are larger than the heap.
    for (const p of model.parameters()) p.dispose();
  }
  const { capsnet_mnist, googlenet, inception_v3 } = instrumented;
  dryRun(() => googlenet({ auxHeads: true }).forwardWithAux(batch('googlenet')));
  dryRun(() => inception_v3({ auxHeads: true }).forwardWithAux(batch('inception_v3')));
  dryRun(() => capsnet_mnist().trainingLoss(batch('capsnet_mnist'), [0, 1, 2, 3, 4]));

  it.each(files)('of %s are true, and all were met', (file) => {
    const own = reports.filter(({ place }) => place.startsWith(`${file}:`));
    expect(mismatches(own)).toEqual([]);
    expect([...new Set(own.map(({ place }) => place))].sort()).toEqual([...(places.get(file) as string[])].sort());
  });

  it.each(files)('stand after every statement of a forward in %s', (file) => {
    const bodies = text(file).matchAll(/^ {2}(?:override )?forward\(.*\{\n([\s\S]*?)^ {2}\}/gm);
    for (const [, body] of bodies) {
      const bare = body
        .split('\n')
        .filter((line) => /\bforward\(|\brelu\(|2d\(|concat\(/.test(line) && !commented.test(line));
      expect(bare).toEqual([]);
    }
  });

  it('are read with letters bound within a call, and numbers as they stand', () => {
    const at = (call: number, comment: string, shape: number[]): Report => ({ place: 'x.ts:1', call, comment, shape });
    expect(mismatches([at(0, '[N, 8]', [2, 8]), at(0, '[N, C]', [2, 5]), at(1, '[N, C]', [3, 6])])).toEqual([]);
    expect(mismatches([at(0, '[N, 8]', [2, 9])])).toEqual(['x.ts:1 says [N, 8], but the shape is [2, 9]']);
    expect(mismatches([at(0, '[N, N]', [2, 3])])).toHaveLength(1);
    expect(mismatches([at(0, '[N]', [2]), at(0, '[N]', [3])])).toHaveLength(1);
    expect(mismatches([at(0, '[N, 8]', [2, 8, 1])])).toHaveLength(1);
    expect(mismatches([at(0, '[N, 8, 1]', [2, 8])])).toHaveLength(1);
  });

  it('were found where they are known to be', () => {
    expect(places.get('cifarNet.ts')?.length).toBe(8);
    expect(places.get('cifarResnet.ts')?.length).toBe(11);
  });
});
