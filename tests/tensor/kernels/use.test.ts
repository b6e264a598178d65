import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ArgumentError } from '../../../src/tensor/errors.js';
import { kernels } from '../../../src/tensor/kernels/kernels.js';
import { plain } from '../../../src/tensor/kernels/plain/index.js';
import { reference } from '../../../src/tensor/kernels/reference/index.js';
import { simd } from '../../../src/tensor/kernels/simd/index.js';
import { kernelInfo, useKernels } from '../../../src/tensor/kernels/use.js';
import { wasmFeatures } from '../../../src/tensor/kernels/wasm/features.js';

const { relaxedSimd } = wasmFeatures();

describe('useKernels', () => {
  test('simd on all cores is in use at first, where the runtime has it', () => {
    expect(wasmFeatures().simd).toBe(true);
    expect(kernels).toBe(simd);
    expect(kernelInfo()).toEqual({ table: 'simd', threads: availableParallelism(), relaxedSimd });
  });

  test('plain is, where there is no SIMD', () => {
    const source = `
      WebAssembly.validate = () => false;
      const { kernelInfo, useKernels } = await import('./src/tensor/kernels/use.ts');
      console.log(JSON.stringify(kernelInfo()));
      await useKernels('simd').catch((error) => console.log(error.name, error.message));
      console.log(kernelInfo().table);`;
    const options = { cwd: resolve(import.meta.dirname, '../../..'), encoding: 'utf8' } as const;
    const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], options);
    expect(stdout.trim().split('\n')).toEqual([
      '{"table":"plain","threads":1,"relaxedSimd":false}',
      "ArgumentError useKernels: this runtime has no WebAssembly SIMD. Use 'plain'.",
      'plain',
    ]);
  });

  describe('when called', () => {
    afterEach(() => useKernels('plain'));

    test('changes the table that operations call', async () => {
      await useKernels('reference');
      expect(kernels).toBe(reference);
      expect(kernelInfo()).toEqual({ table: 'reference', threads: 1, relaxedSimd: false });
      await useKernels('plain', { threads: 3 });
      expect(kernels).toBe(plain);
      expect(kernelInfo()).toEqual({ table: 'plain', threads: 1, relaxedSimd: false });
    });

    test('changes the number of threads, and decides against fused multiply-add', async () => {
      await useKernels('simd', { threads: 3, relaxedSimd: false });
      expect(kernels).toBe(simd);
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
      expect(kernels).toBe(plain);
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
