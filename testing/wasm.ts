import createWabt from 'wabt';
import type { FunctionBuilder, ValueOf, Variable } from '../src/wasm/function.js';
import { ModuleBuilder, type Parameters } from '../src/wasm/module.js';

/** One function on a memory of its own: `at` views the memory, `run` calls it, `module` is what made it. */
export interface Assembled {
  run: (...values: number[]) => void;
  floats: Float32Array;
  ints: Int32Array;
  doubles: Float64Array;
  module: ModuleBuilder;
}

/** Assembles one function, validates it twice (wabt and this runtime) and instantiates it on a page of memory. */
export async function assemble<P extends Parameters>(
  parameters: P,
  build: (f: FunctionBuilder, p: { [K in keyof P]: Variable<P[K]> }) => void,
  options: { fma?: boolean } = {},
): Promise<Assembled> {
  const module = new ModuleBuilder({ fma: options.fma ?? false, shared: false, maximumPages: 1 });
  module.func('f', parameters, build);
  await validate(module);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } });
  return {
    run: exports.f as (...values: number[]) => void,
    floats: new Float32Array(memory.buffer),
    ints: new Int32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
    module,
  };
}

/** Throws what wabt, a validator that shares nothing with this runtime or this repository, finds wrong; returns its text. */
export async function validate(module: ModuleBuilder): Promise<string> {
  const wabt = await createWabt();
  const features = { simd: true, threads: true, relaxed_simd: true };
  const read = wabt.readWasm(module.bytes(), { readDebugNames: false, ...features });
  try {
    (read.validate as (features: object) => void).call(read, features);
    return read.toText({ foldExprs: true, inlineExport: true });
  } finally {
    read.destroy();
  }
}

export type AnyValue = ValueOf[keyof ValueOf];
