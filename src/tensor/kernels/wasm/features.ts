import { ModuleBuilder } from './module.js';
import { F32x4 } from './vectors.js';

let found: { simd: boolean; relaxedSimd: boolean } | undefined;

/** What this runtime's WebAssembly can do, found by asking it to validate a function that needs it. */
export function wasmFeatures(): { simd: boolean; relaxedSimd: boolean } {
  found ??= { simd: accepts(false), relaxedSimd: accepts(true) };
  return found;
}

function accepts(fma: boolean): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  const probe = new ModuleBuilder({ fma, shared: false, maximumPages: 1 });
  probe.func('probe', { p: 'i32' }, (f, { p }) => {
    const v = f.let(F32x4.load(p));
    f.store(p, f.fma(v, v, v));
  });
  return WebAssembly.validate(probe.bytes());
}
