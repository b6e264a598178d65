import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { entrySources, undocumented } from '../../testing/docstrings.js';

const root = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
};
const entries = entrySources(manifest);

describe('every exported name, public member and option has a docstring', () => {
  const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = entries.map(([, file]) => resolve(root, file));
  const program = ts.createProgram(files, options);

  test.each(entries)('in %s', (_entry, file) => {
    expect(undocumented(program, file)).toEqual([]);
  });
});

describe('the search finds', () => {
  const file = resolve(root, 'src/docstringsTest.ts');
  const search = (text: string): string[] => {
    const host = ts.createCompilerHost({});
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) =>
      name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true) : getSourceFile(name, ...rest);
    host.fileExists = (name) => name === file || ts.sys.fileExists(name);
    const program = ts.createProgram([file], { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }, host);
    return undocumented(program, 'src/docstringsTest.ts').map((found) => found.replace(/ .*/, ''));
  };

  test('functions, types, options, methods, accessors and fields of constructors', () => {
    expect(
      search(`
        export function f() {}
        export interface Options {
          a: number;
          /** Its unit. */
          b: number;
        }
        /** Type. */
        export type Both = Options & { c: number };
        /** Class. */
        export class C {
          constructor(readonly field: number, other: number) {}
          method() {}
          get value() { return 1; }
        }`),
    ).toEqual(['f', 'Options', 'Options.a', 'Both.c', 'C.field', 'C.method', 'C.value']);
  });

  test('nothing in what is private, internal, or documented by the class that it extends', () => {
    expect(
      search(`
        /** Base. */
        export class Base {
          /** Runs. */
          run() {}
        }
        /** Derived. */
        export class Derived extends Base {
          override run() {}
          #hidden = 1;
          private own = 2;
          /** @internal */
          inner = 3;
        }`),
    ).toEqual([]);
  });
});
