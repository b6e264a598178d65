import { relative, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');

/** Source files of the public entries by the names that programs import, as package.json lists them. */
export function entrySources(manifest: { exports: Record<string, unknown> }): [entry: string, file: string][] {
  return Object.keys(manifest.exports)
    .filter((entry) => !/\.(wasm|json|safetensors)$/.test(entry))
    .map((entry) => {
      const part = entry.slice(2);
      const file =
        part === '' ? 'src/index.ts' : part === 'transforms' ? 'src/data/transforms/index.ts' : `src/${part}/index.ts`;
      return [part === '' ? 'stridenet' : `stridenet/${part}`, file];
    });
}

/** Every exported name of a file and every public member of it that has no docstring: `NAME` or `NAME.MEMBER`, with its place. */
export function undocumented(program: ts.Program, file: string): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(resolve(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module of the program`);
  const missing = new Set<string>();
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    // export * as NAME: a module in a module.
    const isModule = (symbol.flags & ts.SymbolFlags.ValueModule) !== 0;
    const inner = isModule ? checker.getExportsOfModule(symbol) : [symbol];
    for (const each of inner) {
      const name = isModule ? `${exported.name}.${each.name}` : exported.name;
      for (const found of ofSymbol(name, each, checker)) missing.add(found);
    }
  }
  return [...missing];
}

function ofSymbol(name: string, symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
  const own = (symbol.declarations ?? []).filter(isPublished);
  if (own.length === 0) return [];
  const missing = isDocumented(symbol, checker) ? [] : [at(name, own[0])];
  for (const declaration of own) {
    for (const member of membersOf(declaration)) {
      const found = member.name && checker.getSymbolAtLocation(member.name);
      if (found === undefined || !isPublished(member)) continue;
      if (isOverride(member, found, checker) || isSubmodule(member, found, checker)) continue;
      if (!isDocumented(found, checker)) missing.push(at(`${name}.${found.name}`, member));
    }
  }
  return missing;
}

type Member = ts.ClassElement | ts.TypeElement | ts.ParameterDeclaration;

/**
 * Members that a program can name: of classes, with fields that a constructor declares, of interfaces, and of types that are objects. The
 * docstring of a union speaks for its kinds.
 */
function membersOf(declaration: ts.Declaration): Member[] {
  if (ts.isInterfaceDeclaration(declaration)) return [...declaration.members];
  if (ts.isTypeAliasDeclaration(declaration)) return literalMembers(declaration.type);
  if (!ts.isClassDeclaration(declaration)) return [];
  return declaration.members.flatMap((member): Member[] => {
    if (!ts.isConstructorDeclaration(member)) return [member];
    return member.parameters.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, member));
  });
}

function literalMembers(type: ts.TypeNode): Member[] {
  if (ts.isTypeLiteralNode(type)) return [...type.members];
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap(literalMembers);
  return [];
}

/** Whether it is the library's, public, and not marked @internal. */
function isPublished(declaration: ts.Declaration): boolean {
  if (!relative(root, declaration.getSourceFile().fileName).startsWith('src/')) return false;
  if (ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal')) return false;
  const { name } = declaration as ts.NamedDeclaration;
  if (name !== undefined && !ts.isIdentifier(name) && !ts.isStringLiteral(name)) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (ts.getCombinedModifierFlags(declaration) & hidden) === 0;
}

/** Whether a base class or an interface documents the member already. */
function isOverride(member: Member, symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const { parent } = member;
  if (!ts.isClassLike(parent)) return false;
  return (parent.heritageClauses ?? []).some(({ types }) =>
    types.some((type) => {
      const base = checker.getTypeAtLocation(type).getProperty(symbol.name);
      return base !== undefined && (isDocumented(base, checker) || !(base.declarations ?? []).every(isPublished));
    }),
  );
}

/** Whether it is a part of a network: its name is the one in state dicts, and the class tells what the parts are. */
function isSubmodule(member: Member, symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  if (!ts.isPropertyDeclaration(member) && !ts.isParameter(member)) return false;
  const inherited = (type: ts.Type): string[] => [
    type.symbol?.name ?? '',
    ...(type.isClassOrInterface() || type.symbol?.flags & ts.SymbolFlags.Class
      ? (type.getBaseTypes() ?? []).flatMap(inherited)
      : []),
  ];
  return inherited(checker.getNonNullableType(checker.getTypeOfSymbol(symbol))).includes('Module');
}

function isDocumented(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() !== '';
}

function at(name: string, declaration: ts.Declaration): string {
  const source = declaration.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart());
  return `${name} (${relative(root, source.fileName)}:${line + 1})`;
}
