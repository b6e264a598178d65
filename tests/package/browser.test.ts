import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { builtLibrary } from '../../testing/builtLibrary.js';
import { chromium, visit } from '../../testing/chromium.js';

/** Bundles a program that imports the main entry as a browser would get it. */
function bundle(program: string): ReturnType<typeof build> {
  return build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    outfile: 'bundle.js',
  });
}

/** Learns whether a 8 x 8 image has a bright upper or lower half, and reports on the page. */
const program = `
import { Conv2d, DataLoader, evaluate, fit, Flatten, ImageDataset, kernelInfo, Linear, ReLU, Sequential, SGD } from '../../src/index.js';
async function main() {
  const images = Uint8Array.from({ length: 40 * 64 }, (_, i) => ((i >> 5) % 2 === (i >> 6) % 2 ? 250 : 20) + (i * 7) % 5);
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const data = new ImageDataset({ images, labels, shape: [1, 8, 8], classes: ['upper', 'lower'] });
  const model = new Sequential(new Conv2d(1, 4, 3, { padding: 1 }), new ReLU(), new Flatten(), new Linear(4 * 64, 2));
  const optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9 });
  const loader = new DataLoader(data, { batchSize: 8, shuffle: true });
  const history = await fit(model, { train: loader, optimizer, epochs: 4 });
  const { accuracy } = await evaluate(model, loader);
  return { steps: history.stepLoss.length, accuracy, kernels: kernelInfo().table, isolated: self.crossOriginIsolated };
}
main().then((result) => result, (error) => String(error.stack)).then((result) =>
  fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
`;

describe('the main entry in a browser', () => {
  test('bundles without a module of Node and with its two dependencies only', async () => {
    const { metafile, warnings } = await bundle("export * from '../../src/index.js'");
    expect(warnings).toEqual([]);
    const [output] = Object.values(metafile!.outputs);
    expect(output.imports.filter(({ external }) => external)).toEqual([]);
    const packages = Object.keys(metafile!.inputs).map((path) => /node_modules\/([^/]+)/.exec(path)?.[1]);
    expect([...new Set(packages.filter((name) => name !== undefined))].sort()).toEqual([
      'iota-array',
      'is-buffer',
      'ndarray',
      'seedrandom',
    ]);
  });

  test.each(['images', 'classifier', 'search', 'graph', 'edge', 'onnx', 'tfjs'])(
    'the entry %s of the package bundles without a module of Node',
    async (entry) => {
      const { errors, warnings } = await build({
        stdin: { contents: `export * from './dist/${entry}.js'`, resolveDir: await builtLibrary() },
        ...{ bundle: true, write: false, splitting: true, platform: 'browser', format: 'esm', target: 'es2022' },
        ...{ logLevel: 'silent', outdir: 'bundle', logOverride: { 'ignored-bare-import': 'silent' } },
      });
      expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    },
  );

  test.skipIf(chromium === undefined)('trains a small net on a page in headless Chromium', async () => {
    const { outputFiles } = await bundle(program);
    const result = await visit(outputFiles![0].text, { isolated: false });
    expect(result).toEqual({ steps: 20, accuracy: 1, kernels: 'simd', isolated: false });
  });

  test.skipIf(chromium === undefined)(
    'runs on two threads on a cross-origin isolated page, with the same bits',
    async () => {
      const { outputFiles } = await bundle(threadsProgram);
      const result = await visit(outputFiles![0].text);
      expect(result).toEqual({ isolated: true, threads: 2, table: 'simd', same: true, shared: true });
    },
  );

  test.skipIf(chromium === undefined)('prepares batches in a web worker, with the same bits', async () => {
    const { outputFiles } = await bundle(dataProgram);
    const result = await visit(outputFiles![0].text);
    expect(result).toEqual({ workers: ['stridenet data'], later: true, atOnce: true, error: 'ShapeError' });
  });
});

/** Augmented batches by a worker and without, in both kinds of loop. */
const dataProgram = `
import { DataLoader, synthetic } from '../../src/index.js';
import { compose, randAugment, translate } from '../../src/data/transforms/index.js';
const workers = [];
self.Worker = class extends Worker {
  constructor(url, options) {
    super(url, options);
    workers.push(options.name);
  }
};
const data = synthetic({ length: 70 });
const options = { batchSize: 16, shuffle: true, seed: 1, transform: compose(translate(2), randAugment()) };
async function main() {
  const [plain, later, atOnce] = [[], [], []];
  for (const { x } of new DataLoader(data, options)) plain.push(...x.data);
  for await (const { x } of new DataLoader(data, { ...options, workers: 1 })) later.push(...x.data);
  for (const { x } of new DataLoader(data, { ...options, workers: 1 })) {
    atOnce.push(...x.data);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const same = (values) => values.length === plain.length && values.every((v, i) => v === plain[i]);
  let error;
  try {
    const gray = { mean: [0.5], std: [0.5] };
    for await (const _ of new DataLoader(data, { ...options, normalize: gray, workers: 1 }));
  } catch ({ name }) {
    error = name;
  }
  return { workers, later: same(later), atOnce: same(atOnce), error };
}
main().then((result) => result, (error) => String(error.stack)).then((result) =>
  fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
`;

/** One training step's gradients with two threads and with one. */
const threadsProgram = `
import { createModel, crossEntropy, kernelInfo, manualSeed, Tensor, useKernels, withTape } from '../../src/index.js';
async function main() {
  const run = async (threads) => {
    await useKernels('simd', { threads });
    manualSeed(1);
    const model = createModel('resnet20');
    const x = Tensor.from(Float32Array.from({ length: 8 * 3 * 32 * 32 }, (_, i) => Math.sin(i)), [8, 3, 32, 32]);
    withTape((tape) => tape.backward(crossEntropy(model.forward(x), [0, 1, 2, 3, 4, 5, 6, 7])));
    return [...model.parameters()].flatMap((p) => [...p.grad.data]);
  };
  const two = await run(2);
  const { threads, table } = kernelInfo();
  const shared = Tensor.ones([1]).data.buffer instanceof SharedArrayBuffer;
  const one = await run(1);
  return { isolated: self.crossOriginIsolated, threads, table, same: one.every((v, i) => v === two[i]), shared };
}
main().then((result) => result, (error) => String(error.stack)).then((result) =>
  fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
`;
