import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Kernels } from '../../src/kernels/tables.js';
import { plain, reference, simd } from '../../src/kernels/tables.js';

const repository = resolve(import.meta.dirname, '../..');
const page = resolve(repository, 'docs/parity.md');
const command = 'STRIDENET_UPDATE_PARITY=1 npx vitest run tests/kernels/parity.test.ts';

const contracts = resolve(repository, 'src/kernels/contracts');

/** The kernels of each family, as their contracts list them. */
function families(): [string, string[]][] {
  return readdirSync(contracts)
    .sort()
    .map((file) => {
      const text = readFileSync(resolve(contracts, file), 'utf8');
      const body = text.slice(text.search(/export interface \w+Kernels \{/));
      const names = [...body.slice(0, body.search(/^\}/m)).matchAll(/^ {2}(\w+)\(/gm)].map((m) => m[1]);
      return [file.replace('.ts', ''), names.filter((name) => !name.endsWith('Workspace'))];
    });
}

const same = (name: string, a: Kernels, b: Kernels): boolean => a[name as keyof Kernels] === b[name as keyof Kernels];

function row(name: string): string {
  const direction = /Backward/.test(name) ? 'backward' : /Step$|UpdateRunning$/.test(name) ? 'update' : 'forward';
  const plainCell = same(name, plain, reference) ? 'the reference loop' : 'own';
  const simdCell = same(name, simd, plain) ? '**falls back**' : 'own';
  return `| \`${name}\` | ${direction} | ${plainCell} | ${simdCell} |`;
}

function parity(): string {
  const lines = [
    '# Kernels and tables',
    '',
    'There are three tables of kernels. `reference` defines what each kernel computes. `plain` has versions tuned for V8, or the',
    'reference loop if that is already as fast as TypeScript gets. `simd` is WebAssembly, emitted at run time. "own" marks a table',
    'that has its own version of a kernel.',
    '',
    `A test generates this page. To update it, run \`${command}\`.`,
  ];
  for (const [family, names] of families()) {
    lines.push('', `## ${family}`, '', '| kernel | direction | plain | simd |', '|---|---|---|---|', ...names.map(row));
  }
  return `${lines.join('\n')}\n`;
}

it('the contracts list exactly the kernels of the tables', () => {
  const listed = families().flatMap(([, names]) => names);
  const exists = (table: Kernels): string[] => Object.keys(table).filter((name) => !name.endsWith('Workspace'));
  for (const table of [reference, plain, simd]) expect(exists(table).sort()).toEqual([...listed].sort());
});

it('every forward kernel that records has its backward kernel', () => {
  const names = families().flatMap(([, list]) => list);
  for (const name of names.filter((n) => /Backward/.test(n))) {
    const forward = name.replace(/(Eval)?Backward.*$/, '');
    expect(names, name).toContain(forward);
  }
});

it('no kernel of the simd table falls back to plain loops', () => {
  const missing = families()
    .flatMap(([, names]) => names)
    .filter((name) => same(name, simd, plain));
  expect(missing).toEqual([]);
});

it(`docs/parity.md is up to date; if not: ${command}`, () => {
  const wanted = parity();
  if (process.env.STRIDENET_UPDATE_PARITY === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8'), `run ${command}`).toBe(wanted);
});
