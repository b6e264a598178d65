import { afterAll, describe, expect, test } from 'vitest';
import { ArgumentError, createModel, kernelInfo, manualSeed, Tensor, useKernels } from '../../src/index.js';
import { requestPlainHeap, withHeap } from '../../src/memory/memory.js';
import { ModuleBuilder } from '../../src/wasm/module.js';
import { allPrograms } from '../../src/wasm/program.js';
import { ReadyModule, SECTION } from '../../src/wasm/readyModule.js';
import { kernelsModule } from '../../tools/kernelsModule.js';

const bytes = kernelsModule({ fma: false });
const names = allPrograms().map(({ name }) => name);

afterAll(() => useKernels('plain'));

describe('kernels.wasm', () => {
  // This test stands first: it needs a process that has made no tensor.
  test('gives the bits of programs that are compiled here', async () => {
    const module = await WebAssembly.compile(bytes);
    const logits = (): number[] => {
      manualSeed(1);
      return [...createModel('resnet20').predict(Tensor.ones([2, 3, 32, 32])).data];
    };
    await useKernels('simd', { module, threads: 4 });
    expect(kernelInfo()).toEqual({ table: 'simd', threads: 1, relaxedSimd: false });
    const ready = logits();
    await useKernels('simd', { relaxedSimd: false });
    expect(logits()).toEqual(ready);
  });

  test('holds every function of every program', () => {
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);
    const wanted = allPrograms().flatMap((program) =>
      program.module({ silent: true }).names.map((f) => `${program.name}/${f}`),
    );
    expect(wanted.length).toBeGreaterThan(100);
    expect(exported).toEqual([...wanted, 'probe/multiplyAdd']);
  });

  test('is the same for the same programs, and says whether it fuses', () => {
    expect(kernelsModule({ fma: false })).toEqual(bytes);
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(bytes), SECTION);
    expect(JSON.parse(new TextDecoder().decode(section))).toEqual({
      digest: expect.stringMatching(/^[0-9a-f]{16}$/),
      fma: false,
    });
    expect(new ReadyModule(new WebAssembly.Module(bytes), names)).toMatchObject({ fma: false, fuses: false });
  });
});

describe('useKernels with a module', () => {
  const empty = (): WebAssembly.Module => new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

  test('refuses what is no module of kernels', async () => {
    await expect(useKernels('simd', { module: bytes as unknown as WebAssembly.Module })).rejects.toThrow(
      new ArgumentError(
        'useKernels: module is a Uint8Array, but must be a WebAssembly.Module. Import stridenet/kernels.wasm as your host compiles it, or compile its bytes.',
      ),
    );
    await expect(useKernels('simd', { module: './kernels.wasm' as unknown as WebAssembly.Module })).rejects.toThrow(
      'module is ./kernels.wasm, but must be',
    );
    await expect(useKernels('simd', { module: empty() })).rejects.toThrow(
      new ArgumentError('useKernels: module is not stridenet/kernels.wasm. Import that file of this package.'),
    );
  });

  test('refuses a module that lacks programs', async () => {
    const other = new ModuleBuilder({ fma: false, shared: false, maximumPages: 65536 });
    const [first] = allPrograms();
    other.program(first.name, first.build);
    const module = new WebAssembly.Module(other.bytes({ name: SECTION, text: '{ "digest": "", "fma": false }' }));
    await expect(useKernels('simd', { module })).rejects.toThrow('module is the kernels.wasm of another version');
  });

  test('refuses other tables, and changes nothing', async () => {
    await useKernels('plain');
    const module = new WebAssembly.Module(bytes);
    await expect(useKernels('plain', { module })).rejects.toThrow(
      new ArgumentError("useKernels: module holds 'simd' kernels, but the table is 'plain'. Use 'simd'."),
    );
    expect(kernelInfo().table).toBe('plain');
  });

  test('comes too late for tensors in shared memory', () => {
    withHeap({ shared: true }, () => expect(requestPlainHeap()).toBe(false));
    withHeap({ shared: false }, () => expect(requestPlainHeap()).toBe(true));
  });
});
