import { describe, expect, it } from 'vitest';
import { simd } from '../../src/kernels/tables.js';
import { wasmFeatures } from '../../src/wasm/features.js';
import { ModuleBuilder } from '../../src/wasm/module.js';
import { allPrograms } from '../../src/wasm/program.js';
import { I32 } from '../../src/wasm/scalars.js';
import { F32x4 } from '../../src/wasm/vectors.js';
import { validate } from '../../testing/wasm.js';

describe('every program of the simd table', () => {
  // The table registers its programs by being imported.
  expect(simd).toBeTypeOf('object');
  const cases = allPrograms().flatMap((program) =>
    [true, false].flatMap((fma) => [true, false].map((shared) => ({ name: program.name, program, fma, shared }))),
  );

  it.each(cases)('$name is valid with fma $fma and shared $shared', async ({ program, fma, shared }) => {
    const module = program.module({ fma, shared });
    await validate(module);
    if (!fma || wasmFeatures().relaxedSimd) expect(WebAssembly.validate(module.bytes())).toBe(true);
    expect(module.names.length).toBeGreaterThan(0);
    expect(new Set(module.names).size).toBe(module.names.length);
  });

  it('has a name of its own, and there is at least one', () => {
    const names = allPrograms().map(({ name }) => name);
    expect(names).toContain('winograd f4 convolution');
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the independent validator', () => {
  it('finds what this runtime finds: a stack that does not hold what an instruction needs', async () => {
    const module = new ModuleBuilder({ fma: false, shared: false, maximumPages: 1 });
    // A vector that calls itself an integer: only a lie in the node gets past the builder.
    module.func('f', { p: 'i32' }, (f, { p }) => f.store(p, new I32(F32x4.load(p).node)));
    await expect(validate(module)).rejects.toThrow('type mismatch');
    expect(WebAssembly.validate(module.bytes())).toBe(false);
  });
});
