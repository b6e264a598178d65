import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** An exported function or class whose last parameter is an object of options, and the names of those. */
interface WithOptions {
  name: string;
  isClass: boolean;
  /** Parameters before the options. */
  before: number;
  options: string[];
}

/** Operations leave their options to the types: they pass them on to each other, in every step. Losses are settings of a training. */
const leftToTypes = (name: string, file: string): boolean =>
  /src\/(tensor\/(ops|tape)|kernels\/geometry)/.test(file) && !/loss|entropy|hinge|error/i.test(name);

/** What the entry exports that takes options, by its types. */
function exportsWithOptions(entry: string): WithOptions[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const file = join(root, entry);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file) as ts.SourceFile;
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declaration = symbol.valueDeclaration;
    // What is exported as a type alone is made by functions.
    const isType = exported.declarations?.some((each) => ts.isTypeOnlyImportOrExportDeclaration(each)) ?? false;
    if (declaration === undefined || isAbstract(declaration) || isType) return [];
    const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
    const isClass = type.getConstructSignatures().length > 0;
    const signature = [...type.getConstructSignatures(), ...type.getCallSignatures()].at(-1);
    const last = signature?.parameters.at(-1);
    if (signature === undefined || last === undefined) return [];
    const source = signature.declaration?.getSourceFile().fileName ?? '';
    if (source.includes('node_modules') || leftToTypes(exported.name, source)) return []; // Error takes any options.
    const given = checker.getNonNullableType(checker.getTypeOfSymbol(last)).getProperties();
    // Taken apart in the head of a function, it has a name of two underscores; a plan of needed values is no options.
    const isApart = last.name.startsWith('__') && given.every(({ flags }) => flags & ts.SymbolFlags.Optional);
    if (last.name !== 'options' && !isApart) return [];
    const before = signature.parameters.length - 1;
    return [{ name: exported.name, isClass, before, options: given.map(({ name }) => name) }];
  });
}

function isAbstract(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) !== 0;
}

/** Where the others have to make sense before the options are read. */
const argumentsBefore: Record<string, unknown[]> = {
  createModel: ['cifar_net'],
  createSampler: ['tpe'],
  CellNetwork: [Array(6).fill('none')],
  createPruner: ['median'],
  ResNet: ['resnet18'],
  SqueezeNet: ['1.1'],
};

/** Calls it with every option there is and one that there is not, and nothing else that makes sense. */
async function callWithMistake(module: Record<string, unknown>, entry: WithOptions): Promise<unknown> {
  const { name, isClass, before, options } = entry;
  const all = Object.fromEntries([...options, 'mistake'].map((option) => [option, undefined]));
  const args = [...(argumentsBefore[name] ?? Array(before).fill([])), all];
  const called = module[name] as (new (...args: unknown[]) => unknown) & ((...args: unknown[]) => unknown);
  try {
    await (isClass ? new called(...args) : called(...args));
    return 'no error';
  } catch (error) {
    return error;
  }
}

const entries: Record<string, () => Promise<Record<string, unknown>>> = {
  'testing/library.ts': () => import('../testing/library.js'),
  'src/describe/index.ts': () => import('../src/describe/index.js'),
  'src/moderation/index.ts': () => import('../src/moderation/index.js'),
  'src/organize/index.ts': () => import('../src/organize/index.js'),
  'src/watch/index.ts': () => import('../src/watch/index.js'),
  'src/edge/index.ts': () => import('../src/edge/index.js'),
  'src/images/index.ts': () => import('../src/images/index.js'),
  'src/classifier/index.ts': () => import('../src/classifier/index.js'),
  'src/search/index.ts': () => import('../src/search/index.js'),
  'src/node/index.ts': () => import('../src/node/index.js'),
  'src/onnx/index.ts': () => import('../src/onnx/index.js'),
  'src/nas/index.ts': () => import('../src/nas/index.js'),
  'src/study/index.ts': () => import('../src/study/index.js'),
  'src/study/bullmq/index.ts': () => import('../src/study/bullmq/index.js'),
  'src/tfjs/index.ts': () => import('../src/tfjs/index.js'),
};

describe.each(Object.entries(entries))('in %s', (file, load) => {
  const found = exportsWithOptions(file).map((each) => [each.name, each] as const);

  test('there are functions and classes with options', () => {
    expect(found.length).toBeGreaterThan(0);
  });

  test.each(found)('%s knows its options and refuses others', async (_, each) => {
    expect(String(await callWithMistake(await load(), each))).toMatch(
      /^ArgumentError: .*: there is no option 'mistake'\./,
    );
  });
});
