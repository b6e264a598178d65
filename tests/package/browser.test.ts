import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

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
main().then((result) => JSON.stringify(result), (error) => String(error.stack)).then((text) => {
  document.title = 'done';
  document.body.textContent = 'RESULT' + text + 'END';
});
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

  test.skipIf(chromium === undefined)('trains a small net on a page in headless Chromium', async () => {
    const { outputFiles } = await bundle(program);
    const page = join(folder, 'page.html');
    const script = outputFiles![0].text.replaceAll('</script', '<\\/script');
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><body><script>${script}</script></body>`);
    const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
    const { stdout } = await promisify(execFile)(
      chromium!,
      [
        '--headless',
        '--no-sandbox',
        ...quiet,
        '--disable-component-update',
        '--disable-sync',
        `--user-data-dir=${join(folder, 'profile')}`,
        '--virtual-time-budget=20000',
        '--dump-dom',
        `file://${page}`,
      ],
      { timeout: 50_000, maxBuffer: 2 ** 26 },
    );
    const result = /<body>RESULT(.*)END/s.exec(stdout)?.[1];
    expect(result, stdout.slice(-500)).toMatch(/^\{/);
    expect(JSON.parse(result!)).toMatchObject({ steps: 20, accuracy: 1, isolated: false });
  });
});
