import { expect, test } from 'vitest';
import createWabt from 'wabt';
import { fuses, multiplyAdd, wasmFeatures } from '../../src/wasm/features.js';

const MULTIPLY_ADD = `(f32x4.add (f32x4.mul (f32x4.splat (local.get 0)) (f32x4.splat (local.get 1))) (f32x4.splat (local.get 2)))`;
const RELAXED = `(f32x4.relaxed_madd (f32x4.splat (local.get 0)) (f32x4.splat (local.get 1)) (f32x4.splat (local.get 2)))`;

test.each([
  { relaxed: false, value: MULTIPLY_ADD },
  { relaxed: true, value: RELAXED },
])('the probe is the module that its text says, relaxed: $relaxed', async ({ relaxed, value }) => {
  const text = `(module (func (export "f") (param f32 f32 f32) (result f32) (f32x4.extract_lane 0 ${value})))`;
  const features = { simd: true, relaxed_simd: true };
  const module = (await createWabt()).parseWat('probe.wat', text, features);
  const { buffer } = module.toBinary({});
  module.destroy();
  expect([...multiplyAdd(relaxed)]).toEqual([...buffer]);
});

test('a product and a sum are not fused, and one rounding is', () => {
  expect(fuses((a, b, c) => Math.fround(Math.fround(a * b) + c))).toBe(false);
  expect(fuses((a, b, c) => Math.fround(a * b + c))).toBe(true); // Exact in doubles.
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(multiplyAdd(false)));
  expect(fuses(exports.f as (a: number, b: number, c: number) => number)).toBe(false);
});

test('takes about a millisecond at most', () => {
  const began = performance.now();
  for (let i = 0; i < 20; i++) new WebAssembly.Instance(new WebAssembly.Module(multiplyAdd(false)));
  expect((performance.now() - began) / 20).toBeLessThan(2);
  expect(wasmFeatures()).toBe(wasmFeatures());
});
