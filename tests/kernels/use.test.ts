import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { activationKernels } from '../../src/kernels/families/activations.js';
import { plain, reference, simd } from '../../src/kernels/tables.js';
import { kernelInfo, useKernels } from '../../src/kernels/use.js';
import { wasmFeatures } from '../../src/wasm/features.js';

const { relaxedSimd } = wasmFeatures();

const folder = mkdtempSync(join(tmpdir(), 'stridenet-kernels-'));
beforeAll(() =>
  build({
    entryPoints: [resolve(import.meta.dirname, '../../src/index.ts')],
    outfile: join(folder, 'library.mjs'),
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints, line by line, that imports the bundled sources from ./library.mjs. */
function run(source: string): string[] {
  writeFileSync(join(folder, 'program.mjs'), source);
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.mjs')], { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim().split('\n');
}

describe('useKernels', () => {
  test('simd on all cores is in use at first, where the runtime has it', () => {
    expect(wasmFeatures().simd).toBe(true);
    expect(activationKernels.relu).toBe(simd.relu);
    expect(kernelInfo()).toEqual({ table: 'simd', threads: availableParallelism(), relaxedSimd });
  });

  test.each([
    ['there is no WebAssembly', 'delete globalThis.WebAssembly;', 'this runtime has no WebAssembly'],
    ['there is no SIMD', 'WebAssembly.validate = () => false;', 'this runtime has no WebAssembly SIMD'],
    [
      'nothing may be compiled',
      "WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('forbidden'); } };",
      'this runtime does not let WebAssembly be compiled (forbidden)',
    ],
    [
      'compiling is for the start only',
      "Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Cloudflare-Workers' } });",
      'Cloudflare Workers do not compile WebAssembly while they run',
    ],
  ])('plain is, with one warning at the first operation, where %s', (_, without, reason) => {
    const source = `
      ${without}
      console.warn = (message) => console.log('warning', message);
      const { kernelInfo, relu, ReLU, Sequential, summary, Tensor, useKernels } = await import('./library.mjs');
      console.log(JSON.stringify(kernelInfo()));
      await useKernels('simd').catch((error) => console.log(error.name, error.message));
      summary(new Sequential(new ReLU()), [1, 2]);
      console.log(kernelInfo().table);
      for (let i = 0; i < 2; i++) console.log(relu(Tensor.from([-1, 2], [2])).data.join());
      console.log(kernelInfo().table);`;
    expect(run(source)).toEqual([
      JSON.stringify({ table: 'plain', threads: 1, relaxedSimd: false, reason }),
      `ArgumentError useKernels: ${reason}, which 'simd' needs. Use 'plain', or pass { module } where your host can import stridenet/kernels.wasm.`,
      'plain',
      expect.stringMatching(
        /^warning stridenet: kernels run without WebAssembly, several times slower, since (this|Cloud)/,
      ),
      '0,2',
      '0,2',
      'plain',
    ]);
  });

  test('plain is without a warning, where there is no WebAssembly and it was chosen', () => {
    const source = `
      delete globalThis.WebAssembly;
      console.warn = console.log;
      const { relu, Tensor, useKernels } = await import('./library.mjs');
      await useKernels('plain');
      console.log(relu(Tensor.from([-1, 2], [2])).data.join());`;
    expect(run(source)).toEqual(['0,2']);
  });

  test('a runtime that stops compiling later is a sentence', () => {
    const source = `
      const { exp, relu, Tensor } = await import('./library.mjs');
      relu(Tensor.from([-1, 2], [2]));
      WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('forbidden'); } };
      try {
        exp(Tensor.from([-1, 2], [2])).data;
      } catch ({ name, message }) {
        console.log(name, message);
      }`;
    expect(run(source)).toEqual([
      expect.stringMatching(
        /^StridenetError program \w+: this runtime no longer lets WebAssembly be compiled \(forbidden\)\. Call useKernels\('plain'\), or pass \{ module \}/,
      ),
    ]);
  });

  describe('when called', () => {
    afterEach(() => useKernels('plain'));

    test('changes the table that operations call', async () => {
      await useKernels('reference');
      expect(activationKernels.relu).toBe(reference.relu);
      expect(kernelInfo()).toEqual({ table: 'reference', threads: 1, relaxedSimd: false });
      await useKernels('plain', { threads: 3 });
      expect(activationKernels.relu).toBe(plain.relu);
      expect(kernelInfo()).toEqual({ table: 'plain', threads: 1, relaxedSimd: false });
    });

    test('changes the number of threads, and decides against fused multiply-add', async () => {
      await useKernels('simd', { threads: 3, relaxedSimd: false });
      expect(activationKernels.relu).toBe(simd.relu);
      expect(kernelInfo()).toEqual({ table: 'simd', threads: 3, relaxedSimd: false });
      await useKernels('simd', { threads: 1, relaxedSimd: true });
      expect(kernelInfo()).toEqual({ table: 'simd', threads: 1, relaxedSimd });
      await useKernels('simd');
      expect(kernelInfo()).toEqual({ table: 'simd', threads: availableParallelism(), relaxedSimd });
    });

    test('names the tables that exist when asked for another, and changes nothing', async () => {
      await useKernels('plain');
      await expect(useKernels('webgpu' as 'simd')).rejects.toThrow(
        new ArgumentError("useKernels: there is no table 'webgpu'; there are 'reference', 'plain', 'simd'."),
      );
      await expect(useKernels('toString' as 'plain')).rejects.toThrow(ArgumentError);
      expect(activationKernels.relu).toBe(plain.relu);
    });

    test('refuses a number of threads that is no whole number from 1 to 256', async () => {
      for (const threads of [0, -1, 1.5, 257, Number.NaN]) {
        await expect(useKernels('simd', { threads })).rejects.toThrow(
          `threads is ${threads}, but must be a whole number from 1 to 256.`,
        );
      }
    });
  });
});
