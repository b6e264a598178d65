import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));

/** What a text imports: as it stands there, types included. Static imports of values are loaded with the file. */
function importsIn(text: string): { target: string; typeOnly: boolean; isStatic: boolean }[] {
  const lines = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?\bfrom\s+'([^']+)';|^import\s+'([^']+)';|\bimport\('([^']+)'\)/gms,
  );
  return [...lines].map((m) => ({
    target: (m[2] ?? m[3] ?? m[4]) as string,
    typeOnly: m[1] !== undefined,
    isStatic: m[1] === undefined && m[4] === undefined,
  }));
}

/** The imports of a file, types included: packages as they stand, files relative to src. */
function importsOf(file: string): { path: string; typeOnly: boolean }[] {
  return importsIn(readFileSync(join(source, file), 'utf8')).map(({ target, typeOnly }) => {
    const path = target.startsWith('.')
      ? relative(source, resolve(source, dirname(file), target)).replace(/\.js$/, '.ts')
      : target;
    return { path, typeOnly };
  });
}

/** The room of a file: its folder in src. */
function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
}

/** Whether a walk along imports leads to `target`. */
function reaches(graph: ReadonlyMap<string, readonly string[]>, from: readonly string[], target: string): boolean {
  const seen = new Set<string>();
  const open = [...from];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (file === target) return true;
    if (seen.has(file)) continue;
    seen.add(file);
    open.push(...(graph.get(file) ?? []));
  }
  return false;
}

/** The rooms, and what each may import besides itself. */
const rooms: Record<string, readonly string[]> = {
  base: [],
  memory: ['base'],
  wasm: ['base', 'memory'],
  kernels: ['base', 'memory', 'wasm'],
  tensor: ['base', 'memory', 'kernels'],
  graph: ['base', 'memory', 'wasm', 'kernels', 'tensor'],
  layers: ['base', 'memory', 'kernels', 'tensor', 'graph'],
  models: ['base', 'tensor', 'layers'],
  optim: ['base', 'memory', 'kernels', 'tensor', 'layers'],
  data: ['base', 'tensor'],
  debug: ['base', 'memory', 'kernels', 'tensor', 'graph', 'layers'],
  io: ['base'],
  images: ['base', 'io', 'wasm'],
  study: ['base', 'io'],
  nas: ['base', 'tensor', 'graph', 'layers', 'models', 'debug', 'study'],
  metrics: ['base', 'tensor'],
  distributed: ['base'],
  train: ['base', 'tensor', 'graph', 'layers', 'optim', 'data', 'debug', 'distributed', 'io', 'metrics'],
  recipes: ['base', 'tensor', 'layers', 'models', 'optim', 'data', 'train'],
  onnx: ['base', 'memory', 'kernels', 'tensor', 'graph', 'layers', 'debug', 'io'],
  tfjs: ['base', 'tensor', 'graph', 'layers', 'io'],
  node: [
    'base',
    'kernels',
    'tensor',
    'graph',
    'layers',
    'models',
    'optim',
    'data',
    'debug',
    'distributed',
    'images',
    'io',
    'metrics',
    'train',
    'onnx',
    'tfjs',
    'study',
  ],
  edge: [
    'base',
    'memory',
    'wasm',
    'kernels',
    'tensor',
    'graph',
    'layers',
    'models',
    'optim',
    'data',
    'debug',
    'io',
    'metrics',
    'train',
    'onnx',
  ],
  classifier: [
    'base',
    'tensor',
    'layers',
    'models',
    'optim',
    'data',
    'io',
    'images',
    'metrics',
    'train',
    'onnx',
    'tfjs',
    'node',
    'edge',
  ],
  describe: ['base', 'images', 'classifier'],
  explain: ['base', 'tensor', 'layers', 'data', 'images', 'io', 'classifier'],
  organize: ['base', 'images', 'classifier', 'describe', 'moderation', 'search', 'node'],
  watch: ['base', 'classifier', 'node'],
  moderation: ['base', 'images', 'classifier', 'search', 'explain', 'node'],
  search: ['base', 'memory', 'wasm', 'tensor', 'layers', 'data', 'images', 'io', 'classifier', 'node'],
};

describe('the layering', () => {
  it('knows every room', () => {
    const found = new Set(files.map(roomOf));
    found.delete('index.ts');
    expect([...found].sort()).toEqual(Object.keys(rooms).sort());
  });

  it.each(files.filter((f) => f !== 'index.ts'))('%s imports only from rooms below it', (file) => {
    const room = roomOf(file);
    const foreign = importsOf(file)
      .filter(({ path }) => path.endsWith('.ts'))
      .filter(({ path }) => roomOf(path) !== room && !rooms[room]?.includes(roomOf(path)))
      .map(({ path }) => path);
    expect(foreign, `${room} may import ${rooms[room]}`).toEqual([]);
  });

  it('lets only operations, tapes, plans and optimizers call kernels', () => {
    const callers = files.filter((f) => importsOf(f).some(({ path }) => path.startsWith('kernels/families/')));
    const outside = callers.filter((f) => !/^(tensor\/(ops\/|tape\.ts$)|graph\/|optim\/|kernels\/)/.test(f));
    expect(outside).toEqual([]);
  });

  it('has no circle of imports but those of tensors and tapes, and of a run and its checkpoint', () => {
    const graph = new Map(files.map((f) => [f, importsOf(f).map(({ path }) => path)]));
    const inCircles = files.filter((f) => reaches(graph, graph.get(f) ?? [], f));
    const known = ['tensor', 'scope', 'tape', 'parameter', 'recording'].map((name) => `tensor/${name}.ts`);
    expect(inCircles.filter((f) => !known.includes(f) && !/^train\/(run|checkpoint)\.ts$/.test(f))).toEqual([]);
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
      (f) =>
        /^(classifier|explain|describe|search|edge|images|onnx|nas|study|tfjs)\//.test(f) &&
        importsOf(f).some(({ path }) => path.startsWith('node:')),
    );
    expect(foreign).toEqual([]);
  });
});

describe('what carries trials and photographs to other machines', () => {
  it('is known by study/bullmq and moderation/queue alone, whose packages are optional and loaded when they are used', () => {
    const packages = ['bullmq', 'ioredis', 'pg', 'pg-boss'];
    const users = files.filter((f) => importsOf(f).some(({ path }) => packages.includes(path)));
    expect(users.filter((f) => !/^(study\/bullmq|moderation\/queue)\//.test(f))).toEqual([]);
    const loaded = users.flatMap((f) => importsIn(readFileSync(join(source, f), 'utf8')));
    expect(loaded.filter(({ target, isStatic }) => isStatic && !target.startsWith('.'))).toEqual([]);
  });
});

describe('the classifier', () => {
  it('reaches files through one dynamic import, which bundlers for browsers leave empty', () => {
    const toNode = files
      .filter((f) => f.startsWith('classifier/'))
      .flatMap((f) => importsOf(f))
      .filter(({ path }) => path.startsWith('node'));
    expect(new Set(toNode.map(({ path }) => path))).toEqual(new Set(['node/index.ts']));
    for (const file of files.filter((f) => f.startsWith('classifier/'))) {
      const text = readFileSync(join(source, file), 'utf8');
      expect(text, file).not.toMatch(/^import (?!type)[^;]*from '[./]*\/node\//m);
    }
    const { browser } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8'));
    expect(browser).toEqual({ './dist/node.js': false, './src/node/index.js': false });
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

describe('the command line', () => {
  const root = resolve(source, '..');
  const programs = readdirSync(join(root, 'cli'), { recursive: true, encoding: 'utf8' }).filter((f) =>
    f.endsWith('.ts'),
  );
  /** What a file of cli/ imports, relative to the repository. */
  const importsOfProgram = (file: string): string[] =>
    importsIn(readFileSync(join(root, 'cli', file), 'utf8'))
      .filter(({ target }) => target.startsWith('.'))
      .map(({ target }) => relative(root, resolve(root, 'cli', dirname(file), target)).replace(/\.js$/, '.ts'));

  it('imports the entries of the library, its foundation, and the tool that bundles the charts of a report', () => {
    const foreign = programs.flatMap((file) =>
      importsOfProgram(file)
        .filter((path) => !/^(cli\/.*|src\/(index|[\w/]+\/index|base\/\w+)\.ts|tools\/reportCharts\.ts)$/.test(path))
        .map((path) => `${file}: ${path}`),
    );
    expect(foreign).toEqual([]);
    expect(programs.length).toBeGreaterThan(5);
  });

  it('loads the library and heavy packages only when a command runs', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(root, 'cli', file), 'utf8');
      for (const { target, isStatic } of importsIn(text)) {
        if (!isStatic) continue;
        if (target.startsWith('node:') || target === 'picocolors') continue;
        const path = relative(join(root, 'cli'), resolve(root, 'cli', dirname(file), target)).replace(/\.js$/, '.ts');
        expect(path, `imported by ${file}`).not.toMatch(/^\.\.\/src\/(?!base\/)/);
        expect(target, `imported by ${file}`).toMatch(/^\./);
        if (!path.startsWith('..')) visit(path);
      }
    };
    visit('index.ts');
    expect(reached).toContain('commands/index.ts');
  });

  it('is imported by nothing in the library', () => {
    expect(files.filter((f) => importsOf(f).some(({ path }) => path.startsWith('../cli/')))).toEqual([]);
  });
});

describe('the taste of the code', () => {
  it('keeps half of the files within 80 lines and nine of ten within 190', () => {
    const lengths = files.map((f) => readFileSync(join(source, f), 'utf8').split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80);
    expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThanOrEqual(190);
  });
});
