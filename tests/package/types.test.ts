import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const source = resolve(import.meta.dirname, '../../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** Where a property may be left out, but not be undefined: under exactOptionalPropertyTypes `resume: latest?.bytes` would be an error. */
function exactOptionals(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const optional =
      (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isMethodSignature(node)) &&
      node.questionToken !== undefined;
    if (optional && (ts.isMethodSignature(node) || !takesUndefined(node.type))) {
      const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed));
      found.push(`${file}:${line + 1}: ${node.getText(parsed)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined || type.kind === ts.SyntaxKind.UnknownKeyword) return true;
  if (type.kind === ts.SyntaxKind.UndefinedKeyword) return true;
  return ts.isUnionTypeNode(type) && type.types.some(takesUndefined);
}

test('every optional property takes undefined too: write `name?: T | undefined`', () => {
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap(exactOptionals)).toEqual([]);
});

test('options of optimizers are SomeOf<Options>, not Partial<Options>, for the same reason', () => {
  const partial = files.filter(
    (file) => file.startsWith('optim/') && /\bPartial<\w*(Options|O)>/.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(partial).toEqual([]);
});
