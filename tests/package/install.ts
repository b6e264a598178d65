// Packs what `npm run build` left in dist, or takes the tarball that it is given, installs it in an empty project and uses it as a
// stranger would: npm run check:package [-- TARBALL]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { strictest } from '../../testing/strictest.js';

const root = resolve(import.meta.dirname, '../..');
const local = createRequire(import.meta.url);
/** The entries by the names of their files in dist. */
const entries = Object.keys(local('../../package.json').exports)
  .filter((entry) => !/\.(wasm|json|safetensors)$/.test(entry))
  .map((entry) => (entry === '.' ? 'index' : entry.slice(2)));
/** What an installation may take on disk. */
const MOST_MEGABYTES = 5.6;
const project = mkdtempSync(join(tmpdir(), 'stridenet-package-'));
// Another runtime than the present one: STRIDENET_NODE=/path/to/node npm run check:package
const node = process.env.STRIDENET_NODE ?? process.execPath;

function run(command: string, args: string[], cwd = project): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The tarball of what dist holds. */
function pack(): string {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', project];
  const [{ filename }] = JSON.parse(run('npm', args, root)) as [{ filename: string }];
  return join(project, filename);
}

/** The sum of the sizes of the files in a tarball, as `npm pack` reports it, without the weights of the classifier that travels with it. */
function unpackedBytes(tarball: string): number {
  const archive = gunzipSync(readFileSync(tarball));
  let bytes = 0;
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8);
    const name = archive.toString('latin1', at, at + 100);
    if (!name.startsWith('package/weights/')) bytes += size;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return bytes;
}

/** Throws unless the tarball is small and holds the entries, what the documents link to, and nothing else. */
function checkFiles(tarball: string): void {
  const paths = run('tar', ['-tzf', tarball])
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  const places = /^((dist|docs|weights)\/.*|[A-Z]+\.md|benchmarks\/peers\/README\.md|LICENSE|package\.json)$/;
  const strangers = paths.filter((path) => !places.test(path));
  if (strangers.length > 0) throw new Error(`the package holds files that do not belong: ${strangers.join(', ')}`);
  const wanted = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/bundled-licenses.txt', 'dist/cli.js'];
  wanted.push('weights/cifar10-airbench93.safetensors');
  for (const name of ['kernels', 'kernels.relaxed']) wanted.push(`dist/${name}.wasm`, `dist/${name}.d.wasm.ts`);
  for (const entry of entries) {
    for (const ending of ['js', 'd.ts']) wanted.push(`dist/${entry}.${ending}`);
  }
  const missing = wanted.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(', ')}`);
  const maps = paths.filter((path) => path.endsWith('.map'));
  if (maps.length > 0) throw new Error(`the package holds source maps without the sources: ${maps.join(', ')}`);
  const megabytes = unpackedBytes(tarball) / 1e6;
  const packed = statSync(tarball).size / 1e6;
  console.log(
    `${basename(tarball)}: ${paths.length} files, ${packed.toFixed(2)} MB packed, ${megabytes.toFixed(2)} MB unpacked without weights`,
  );
  if (megabytes > MOST_MEGABYTES) throw new Error(`unpacked, the package takes more than ${MOST_MEGABYTES} MB`);
}

/** The command of the package, as npm links it. */
function useCommand(): void {
  const command = (...args: string[]): string => run(node, [join('node_modules/stridenet', bin), ...args]).trim();
  const {
    bin: { stridenet: bin },
    version,
  } = JSON.parse(readFileSync(join(project, 'node_modules/stridenet/package.json'), 'utf8')) as {
    bin: { stridenet: string };
    version: string;
  };
  if (!readFileSync(join(project, 'node_modules/stridenet', bin), 'utf8').startsWith('#!/usr/bin/env node\n')) {
    throw new Error(`${bin} does not begin with a line for the shell`);
  }
  if (command('--version') !== version) throw new Error(`stridenet --version: ${command('--version')}`);
  const summary = command('summary', 'resnet18');
  if (!/^params +11,689,512 /m.test(summary)) throw new Error(`stridenet summary resnet18: ${summary}`);
  // A bitmap of one gray pixel, to be shown to the classifier that comes along.
  const bitmap = Buffer.alloc(58);
  bitmap.write('BM');
  for (const [at, value] of [
    [2, 58],
    [10, 54],
    [14, 40],
    [18, 1],
    [22, 1],
    [26, 1 + (24 << 16)],
    [34, 4],
    [54, 0x808080],
  ]) {
    bitmap.writeUInt32LE(value, at);
  }
  writeFileSync(join(project, 'gray.bmp'), bitmap);
  const answer = command('classify', 'gray.bmp');
  if (!/^gray\.bmp: .*%/.test(answer)) throw new Error(`stridenet classify gray.bmp: ${answer}`);
  console.log(`stridenet ${version}: ${answer}; summary of resnet18 in ${summary.split('\n').length} lines`);
}

/** An uncaught error prints the line that it came from: no line may bury the sentence below it. */
function checkLines(): void {
  const dist = join(project, 'node_modules/stridenet/dist');
  for (const file of readdirSync(dist).filter((name) => name.endsWith('.js'))) {
    for (const [i, line] of readFileSync(join(dist, file), 'utf8').split('\n').entries()) {
      if (line.length > 1500) {
        throw new Error(`line ${i + 1} of dist/${file} has ${line.length} characters`);
      }
    }
  }
}

/** Unpacks the tarball and the dependencies that it names into node_modules, from this repository's own: no network. */
function install(tarball: string): void {
  const home = join(project, 'node_modules/stridenet');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', home]);
  const copy = (name: string): void => {
    const to = join(project, 'node_modules', name);
    const from = join(root, 'node_modules', name);
    cpSync(from, to, { recursive: true });
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) copy(dependency);
  };
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) copy(name);
}

/** The same program in both module systems. */
const program = `
const loss = withTape((tape) => {
  const model = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(8, 2));
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
  const loss = crossEntropy(model.forward(Tensor.ones([2, 1, 4, 4])), Int32Array.of(0, 1));
  tape.backward(loss);
  optimizer.step();
  return loss.item();
});
if (!(loss > 0 && loss < 10)) throw new Error('the loss is ' + loss);
loadWeights('nowhere.safetensors').then(
  () => { throw new Error('a file that is not there was read'); },
  (error) => {
    // One copy of the classes: an error of stridenet/node is one of stridenet.
    if (!(error instanceof StridenetError)) throw new Error('two copies of StridenetError');
  },
);
// A model of TensorFlow.js: a rectifier alone, without weights.
const relu = { class_name: 'ReLU', config: { name: 'r', batch_input_shape: [null, 1, 1, 2] } };
const json = { modelTopology: { class_name: 'Sequential', config: { layers: [relu] } }, weightsManifest: [] };
importTfjsLayersModel(json, []).then((model) => {
  const y = model.predict(Tensor.from([-1, 2], [1, 2, 1, 1])).data.join();
  if (y !== '0,2') throw new Error('TensorFlow.js: ' + y);
});
saveOnnx('net.onnx', new Sequential(new ReLU()), [1, 1, 2, 2])
  .then(() => loadOnnx('net.onnx'))
  .then((model) => {
    const y = model.predict(Tensor.from([-1, 2, 3, -4], [1, 1, 2, 2])).data.join();
    if (y !== '0,2,3,0') throw new Error('ONNX: ' + y);
  });
saveWeights('weights.safetensors', new Conv2d(1, 2, 3)).then(() => console.log('loss', loss.toFixed(3)));
`;
const names = 'Conv2d, crossEntropy, Flatten, Linear, ReLU, SGD, Sequential, StridenetError, Tensor, withTape';

const typed = `
import { add, createModel, type History, ImageDataset, mean, Module, Parameter, relu, SGD, type SGDOptions, softmax, StridenetError, square, Tensor, useKernels, withTape } from 'stridenet';
import { loadWeights } from 'stridenet/node';
import { exportOnnx } from 'stridenet/onnx';
import { importTfjsLayersModel, type TfjsModel } from 'stridenet/tfjs';
export const tfjs = (json: string, shard: Uint8Array): Promise<TfjsModel> => importTfjsLayersModel(json, [shard], { logits: true });
export const onnx: Uint8Array = exportOnnx(createModel('resnet20'), [1, 3, 32, 32], { opset: 17 });
export class Net extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}
export const shape: readonly number[] = createModel('resnet20', { numClasses: 2 }).predict(Tensor.zeros([1, 3, 32, 32])).shape;
export const view: { get(...index: number[]): number } = Tensor.from([1, 2]).toNdarray();
export async function load(model: Module, history: History): Promise<number | undefined> {
  model.loadStateDict(await loadWeights('weights.safetensors'));
  if (history instanceof StridenetError) return 0;
  return history.best('accuracy')?.epoch;
}
export const kernels = async (): Promise<void> =>
  useKernels('simd', { module: (await import('stridenet/kernels.wasm')).default });
const x = Tensor.from([[1, 2, 3, 4]]);
export const [dx, dw] = withTape((tape) => tape.gradient(mean(square(add(x, 1))), [x, new Parameter([1])]));
export const size: number = dx.size + dw.size;
const model = createModel('resnet20');
export const [...all]: Tensor[] = withTape((tape) => tape.gradient(mean(model.forward(x)), model.parameters()));
export const deep = softmax(x).toArray()[0]?.[0];
export const probability: number | undefined = softmax(x).toArray(2)[0]?.[0];
export const sgd = (options: { momentum: number | undefined; learningRate: number }): SGD => new SGD(model.parameters(), options);
export const half: Partial<SGDOptions> = { momentum: 0.9 };
const parts = { labels: [0, 1], shape: [1, 1, 1], classes: ['a', 'b'] } as const;
export const clamped: Uint8Array = new ImageDataset({ ...parts, images: new Uint8ClampedArray(2) }).image(0);
export const floats: Float32Array = new ImageDataset({ ...parts, images: new Float32Array(2) }).image(0);
export const bytes: ImageDataset = new ImageDataset({ ...parts, images: new Uint8Array(2) });
// @ts-expect-error: an array of numbers is no pixels, also at run time.
export const numbers = () => new ImageDataset({ ...parts, images: [0, 1] });
// @ts-expect-error: a stride is a number or a pair of them.
export const wrong = new (await import('stridenet')).Conv2d(1, 2, 3, { stride: 'two' });
`;

/** The compiled kernels belong to the library, by its digest, and other kernels do not. */
const compiled = `
import { readFileSync } from 'node:fs';
import { kernelInfo, relu, Tensor, useKernels } from 'stridenet';
const bytes = readFileSync(new URL(import.meta.resolve('stridenet/kernels.wasm')));
await useKernels('simd', { module: await WebAssembly.compile(bytes) });
if (kernelInfo().table !== 'simd' || relu(Tensor.from([-1, 2], [2])).data.join() !== '0,2') throw new Error('kernels.wasm');
bytes[bytes.indexOf('"digest":"') + 10] ^= 1;
const other = await WebAssembly.compile(bytes);
const message = await useKernels('simd', { module: other }).then(() => 'nothing', (error) => error.message);
if (!message.includes('of another version of stridenet')) throw new Error('other kernels: ' + message);
console.log('kernels.wasm: belongs to the library');
`;

/** In CommonJS, which loads ES modules by require(). */
const typedCommon = `
import stridenet = require('stridenet');
import node = require('stridenet/node');
const model: stridenet.Module = stridenet.createModel('resnet20');
const load = async (): Promise<object> => model.loadStateDict(await node.loadWeights('weights.safetensors'));
const gradients = stridenet.withTape((tape) => tape.gradient(stridenet.Tensor.ones([1]), [stridenet.Tensor.ones([1])]));
const size: number = gradients[0].size;
export = { load, size };
`;

function useFromTypeScript(): void {
  writeFileSync(join(project, 'typed.mts'), typed);
  writeFileSync(join(project, 'typed.cts'), typedCommon);
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom', 'esnext.disposable'],
    strict: true,
    ...strictest,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noEmit: true,
    types: [],
    // Our own declarations are checked too, and find no types but their own.
    skipLibCheck: false,
  };
  const tsc = join(dirname(local.resolve('typescript/package.json')), 'bin/tsc');
  for (const [module, files] of [
    ['node16', ['typed.mts']],
    // require() of ES modules.
    ['nodenext', ['typed.mts', 'typed.cts']],
    ['esnext', ['typed.mts']],
  ] as const) {
    const moduleResolution = module === 'esnext' ? 'bundler' : module;
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, module, moduleResolution }, files }),
    );
    run(process.execPath, [tsc, '-p', project]);
    console.log(`types, module ${module}: no error`);
  }
}

try {
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const tarball = process.argv[2] === undefined ? pack() : resolve(process.argv[2]);
  checkFiles(tarball);
  install(tarball);
  checkLines();
  writeFileSync(
    join(project, 'use.mjs'),
    `import { ${names} } from 'stridenet';\nimport { loadOnnx, loadWeights, saveOnnx, saveWeights } from 'stridenet/node';\nimport { importTfjsLayersModel } from 'stridenet/tfjs';\n${program}`,
  );
  writeFileSync(
    join(project, 'use.cjs'),
    `const { ${names} } = require('stridenet');\nconst { loadOnnx, loadWeights, saveOnnx, saveWeights } = require('stridenet/node');\nconst { importTfjsLayersModel } = require('stridenet/tfjs');\n${program}`,
  );
  writeFileSync(
    join(project, 'same.cjs'),
    `const entries = ${JSON.stringify(entries.map((entry) => (entry === 'index' ? 'stridenet' : `stridenet/${entry}`)))};
Promise.all(entries.map((entry) => import(entry))).then((imported) => {
  const required = entries.map((entry) => require(entry));
  for (const [i, names] of required.entries()) {
    for (const name of Object.keys(names)) if (names[name] !== imported[i][name]) throw new Error('two copies of ' + name);
  }
  console.log('require and import give the same', Object.keys(required[0]).length, 'names');
});`,
  );
  for (const file of ['use.mjs', 'use.cjs', 'same.cjs']) {
    const version = run(node, ['--version']).trim();
    console.log(`${file} on Node ${version}: ${run(node, [file]).trim()}`);
  }
  writeFileSync(join(project, 'compiled.mjs'), compiled);
  console.log(run(node, ['compiled.mjs']).trim());
  useCommand();
  useFromTypeScript();
} finally {
  rmSync(project, { recursive: true });
}
