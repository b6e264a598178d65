import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Reads a source file by its path from the root. */
type Read = (file: string) => string;

/** An exported name, where it is declared, and whether the file that exports it spells it out. */
interface Exported {
  name: string;
  /** `FILE:NAME` of the declaration. */
  from: string;
  isStar: boolean;
}

/** What was read before. */
const known = new WeakMap<Read, Map<string, Exported[]>>();

/** All that a file exports, types too, as its text says: names of its own, lists, and what `export *` brings in. */
function exportsOf(file: string, read: Read): Exported[] {
  const done = known.get(read) ?? new Map<string, Exported[]>();
  known.set(read, done);
  const found = done.get(file) ?? readExports(file, read);
  done.set(file, found);
  return found;
}

function readExports(file: string, read: Read): Exported[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement): Exported[] => {
    if (ts.isExportDeclaration(statement)) return reexports(statement, file, read);
    const isExported = ts.canHaveModifiers(statement)
      ? (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (!isExported) return [];
    return declaredNames(statement).map((name) => ({ name, from: `${file}:${name}`, isStar: false }));
  });
}

function reexports(statement: ts.ExportDeclaration, file: string, read: Read): Exported[] {
  const specifier = statement.moduleSpecifier;
  const target =
    specifier !== undefined && ts.isStringLiteral(specifier)
      ? join(dirname(file), specifier.text).replace(/\.js$/, '.ts')
      : file;
  const clause = statement.exportClause;
  if (clause === undefined) return exportsOf(target, read).map((each) => ({ ...each, isStar: true }));
  if (ts.isNamespaceExport(clause)) return [{ name: clause.name.text, from: `${target}:*`, isStar: false }];
  return clause.elements.map(({ name, propertyName }) => {
    const wanted = (propertyName ?? name).text;
    const found = target === file ? undefined : exportsOf(target, read).find((each) => each.name === wanted);
    return { name: name.text, from: found?.from ?? `${target}:${wanted}`, isStar: false };
  });
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (name as ts.Identifier).text);
  }
  const { name } = statement as ts.DeclarationStatement;
  return name === undefined ? [] : [name.text];
}

/** The names that stand for several declarations: a list hides one of `export *`, and two stars drop theirs without a word. */
function clashes(file: string, read: Read): string[] {
  const places = new Map<string, Set<string>>();
  for (const { name, from } of exportsOf(file, read)) {
    const declarations = places.get(name) ?? new Set();
    places.set(name, declarations.add(from));
  }
  return [...places].filter(([, from]) => from.size > 1).map(([name, from]) => `${name}: ${[...from].join(', ')}`);
}

const fromDisk: Read = (file) => readFileSync(join(root, file), 'utf8');
const entries = ts.sys
  .readDirectory(join(root, 'src'), ['.ts'])
  .map((file) => relative(root, file))
  .filter((file) => /(^|\/)index\.ts$/.test(file) || /^\s*export \* from/m.test(fromDisk(file)));

describe('no name of the library hides another', () => {
  test('the entries are there', () => {
    expect(entries).toContain('src/index.ts');
    expect(entries).toContain('src/models/index.ts');
  });

  test.each(entries)('in %s', (file) => {
    expect(clashes(file, fromDisk)).toEqual([]);
  });
});

describe('the search finds', () => {
  const files: Record<string, string> = {
    'a.ts': 'export function groups() {}\nexport const other = 1;\nexport interface Options {}',
    'b.ts': 'export function groups() {}\nexport type Options = string;',
    'same.ts': "export * from './a.js';\nexport { groups } from './a.js';",
    'hidden.ts': "export * from './a.js';\nexport { groups } from './b.js';",
    'dropped.ts': "export * from './a.js';\nexport * from './b.js';",
  };
  const read: Read = (file) => files[file];

  test('a name that a list hides', () => {
    expect(clashes('hidden.ts', read)).toEqual(['groups: a.ts:groups, b.ts:groups']);
  });

  test('names that two stars drop, types too', () => {
    expect(clashes('dropped.ts', read)).toEqual([
      'groups: a.ts:groups, b.ts:groups',
      'Options: a.ts:Options, b.ts:Options',
    ]);
  });

  test('nothing where both are one declaration', () => {
    expect(clashes('same.ts', read)).toEqual([]);
  });
});
