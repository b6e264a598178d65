import { StridenetError } from '../base/errors.js';
import { type Floats, isWorkspace } from '../memory/memory.js';
import { describeArguments, type KernelArgument } from './describe.js';

/** A kernel of which only the name is known. */
export type AnyKernel = (...args: KernelArgument[]) => unknown;

/** Unit roundoff of float32. */
const U = 2 ** -24;
const SAMPLES = 4;
/** Roundings on the way to one number, relative to it: quotients, roots and polynomials in a row. */
const OWN = 16 * U;

/**
 * The kernel with a check around each call: `exact`, the reference kernel, computes the same in float64 on copies, and the first
 * number that differs by more than rounding explains is an error.
 *
 * Numerics: the tolerance is that of backward stability. An answer is as good as any if exact inputs that differ from
 * the given ones by a relative eps lead to it; eps = u (16 + 8 sqrt(n)) for inputs of up to n numbers, since the errors of
 * n roundings add up like sqrt(n) (Higham 2002, section 2.8). So the reference runs again on inputs changed at random
 * by eps, and the largest change of the answer it gives, twice, is allowed, plus 16 u of the number itself for roundings on the way to it.
 *
 * Throws `StridenetError`: `conv2d: argument 0 [12] is 0.25, but the reference says 0.75 (tolerance 1e-6); ...`.
 */
export function validated(name: string, kernel: AnyKernel, exact: AnyKernel, deciding: readonly number[]): AnyKernel {
  return (...args) => {
    // In a gradient check the kernels compute in doubles: there is nothing more exact.
    if (args.some((arg) => arg instanceof Float64Array)) return kernel(...args);
    const before = doublesOf(args);
    kernel(...args);
    const expected = runOn(before, args, exact, null, 0);
    let tolerance: Map<number, number> | null = null;
    for (const [position, arg] of args.entries()) {
      if (!(arg instanceof Float32Array) || isWorkspace(arg)) continue;
      const wanted = expected.get(keyOf(arg)) as Float64Array;
      for (let i = 0; i < arg.length; i++) {
        if (near(arg[i], wanted[i], OWN * Math.abs(wanted[i]))) continue;
        tolerance ??= tolerances(deciding, before, args, exact, expected);
        const allowed = (tolerance.get(keyOf(arg)) as number) + OWN * Math.abs(wanted[i]);
        if (near(arg[i], wanted[i], allowed)) continue;
        throw new StridenetError(
          `${name}: argument ${position} [${i}] is ${arg[i]}, but the reference says ${wanted[i]} (tolerance ${allowed}); called with ${describeArguments(args)}.`,
        );
      }
    }
  };
}

function near(a: number, wanted: number, tolerance: number): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(a);
  return a === Math.fround(wanted) || Math.abs(a - wanted) <= tolerance + 2 ** -126;
}

/** Arrays may be one and the same: two views of one place and length are one array. */
function keyOf(view: Floats): number {
  return view.byteOffset * 2 ** 20 + (view.length % 2 ** 20);
}

function doublesOf(args: readonly KernelArgument[]): Map<number, Float64Array> {
  const copies = new Map<number, Float64Array>();
  for (const arg of args) if (arg instanceof Float32Array) copies.set(keyOf(arg), Float64Array.from(arg));
  return copies;
}

/** Runs the reference on copies of `before`, each number but those of arguments in `fixed` changed by a relative +-eps. */
function runOn(
  before: ReadonlyMap<number, Float64Array>,
  args: readonly KernelArgument[],
  exact: AnyKernel,
  random: (() => number) | null,
  eps: number,
  fixed: ReadonlySet<number> = new Set(),
): Map<number, Float64Array> {
  const copies = new Map<number, Float64Array>();
  for (const [key, values] of before) {
    const copy = values.slice();
    if (random !== null && !fixed.has(key)) for (let i = 0; i < copy.length; i++) copy[i] *= 1 + eps * random();
    copies.set(key, copy);
  }
  exact(...args.map((arg) => (arg instanceof Float32Array ? (copies.get(keyOf(arg)) as Float64Array) : arg)));
  return copies;
}

function tolerances(
  deciding: readonly number[],
  before: ReadonlyMap<number, Float64Array>,
  args: readonly KernelArgument[],
  exact: AnyKernel,
  expected: ReadonlyMap<number, Float64Array>,
): Map<number, number> {
  const views = args.filter((arg) => arg instanceof Float32Array && !isWorkspace(arg)) as Float32Array[];
  const longest = Math.max(...views.map((view) => view.length));
  const eps = U * (16 + 8 * Math.sqrt(longest));
  const fixed = new Set(deciding.map((i) => keyOf(args[i] as Float32Array)));
  let state = 1;
  // Either sign with equal chance: Lehmer's generator (Park and Miller 1988).
  const random = (): number => {
    state = (state * 48271) % 0x7fffffff;
    return state & 1024 ? 1 : -1;
  };
  const largest = new Map<number, number>();
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const [key, values] of runOn(before, args, exact, random, eps, fixed)) {
      const wanted = expected.get(key) as Float64Array;
      let change = largest.get(key) ?? 0;
      for (let i = 0; i < values.length; i++) {
        const d = Math.abs(values[i] - wanted[i]);
        if (d > change && d < Infinity) change = d;
      }
      largest.set(key, change);
    }
  }
  for (const [key, change] of largest) largest.set(key, 2 * change);
  return largest;
}
