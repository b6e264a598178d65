import fc from 'fast-check';
import { expect } from 'vitest';
import { FormatError, StridenetError } from '../src/base/errors.js';

/** Copies of `bytes` with a few bytes changed, and now and then the end cut off. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(
    fc.nat(Math.max(0, bytes.length - 1)),
    fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)),
  );
  const cut = fc.oneof(
    { weight: 4, arbitrary: fc.constant(bytes.length) },
    { weight: 1, arbitrary: fc.nat(bytes.length) },
  );
  return fc.tuple(fc.array(change, { minLength: 1, maxLength: 4 }), cut).map(([changes, end]) => {
    const copy = bytes.slice();
    for (const [at, value] of changes) copy[at] = value;
    return copy.subarray(0, end);
  });
}

/** Runs `read`; it may succeed or throw a FormatError, nothing else. */
export function expectOnlyFormatErrors(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

/** Runs `read`, at once or later; it may succeed or throw an error of this library, nothing else. */
export async function expectOnlyOwnErrors(read: () => unknown): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof StridenetError)) throw error;
    expect(error.message).toMatch(/[.)]$/s);
  }
}
