import { afterEach, describe, expect, test } from 'vitest';
import { ArgumentError } from '../../../src/tensor/errors.js';
import { kernels } from '../../../src/tensor/kernels/kernels.js';
import { plain } from '../../../src/tensor/kernels/plain/index.js';
import { reference } from '../../../src/tensor/kernels/reference/index.js';
import { kernelInfo, useKernels } from '../../../src/tensor/kernels/use.js';

afterEach(() => useKernels('plain'));

describe('useKernels', () => {
  test('plain kernels are in use at first', () => {
    expect(kernels).toBe(plain);
    expect(kernelInfo()).toEqual({ table: 'plain', threads: 1, relaxedSimd: false });
  });

  test('changes the table that operations call', async () => {
    await useKernels('reference');
    expect(kernels).toBe(reference);
    expect(kernelInfo().table).toBe('reference');
  });

  test('names the tables that exist when asked for another, and changes nothing', async () => {
    await expect(useKernels('simd')).rejects.toThrow(
      new ArgumentError("useKernels: there is no table 'simd' here; there are 'reference' and 'plain'."),
    );
    await expect(useKernels('toString' as 'plain')).rejects.toThrow(ArgumentError);
    expect(kernels).toBe(plain);
  });

  test('refuses a number of threads that is no whole number >= 1', async () => {
    await expect(useKernels('plain', { threads: 0 })).rejects.toThrow('threads is 0, but must be a whole number >= 1');
  });
});
