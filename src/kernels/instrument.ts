import { expectOwnMemory } from '../base/copies.js';
import { debugLevel, wantsValidation } from '../base/environment.js';
import { describeArguments } from './describe.js';
import type { KernelTrait } from './traits.js';
import { type AnyKernel, validated } from './validate.js';

/** What happens around each kernel call. */
export interface Instruments {
  /** Prints the call, its milliseconds, and GFLOP/s where the kernel's trait tells the work. */
  trace: boolean;
  /** Puts a `performance.measure` entry `stridenet <kernel>` on the timeline. */
  measure: boolean;
  /** Runs the reference kernel too and throws where they differ by more than rounding. */
  validate: boolean;
  /** Refuses tensors of another copy of the library: on as soon as there is one. */
  guard: boolean;
}

const instruments: Instruments = {
  trace: debugLevel() >= 2,
  measure: debugLevel() >= 2,
  validate: wantsValidation(),
  guard: false,
};

/** Chooses instruments around what `instrumented` makes from now; see `setInstruments` in family.ts. */
export function chooseInstruments(changes: Partial<Instruments>): void {
  Object.assign(instruments, changes);
}

/** Whether anything happens around kernel calls. */
export function isInstrumented(): boolean {
  const { trace, measure, validate, guard } = instruments;
  return trace || measure || validate || guard;
}

/** Wraps the kernel in the active instruments. Returns the kernel itself when there are none, so they cost nothing. */
export function instrumented(
  name: string,
  kernel: AnyKernel,
  reference: AnyKernel,
  trait: KernelTrait<AnyKernel> = {},
): AnyKernel {
  const { trace, measure, validate, guard } = instruments;
  if (trait.query || !(trace || measure || validate || guard)) return kernel;
  const checked = validate && !trait.unchecked ? validated(name, kernel, reference, trait.deciding ?? []) : kernel;
  const watched = trace || measure ? timed(name, checked, trait, { trace, measure }) : checked;
  return guard ? guarded(name, watched) : watched;
}

function timed(
  name: string,
  kernel: AnyKernel,
  trait: KernelTrait<AnyKernel>,
  { trace, measure }: Pick<Instruments, 'trace' | 'measure'>,
): AnyKernel {
  return (...args) => {
    const start = performance.now();
    kernel(...args);
    const end = performance.now();
    if (measure) performance.measure(`stridenet ${name}`, { start, end, detail: describeArguments(args) });
    if (!trace) return;
    const ms = end - start;
    const rate = trait.flops === undefined ? '' : `, ${(trait.flops(...args) / ms / 1e6).toFixed(1)} GFLOP/s`;
    console.warn(`stridenet: ${name}(${describeArguments(args)}) ${ms.toFixed(3)} ms${rate}`);
  };
}

/** Asks before each call whether the arrays lie where this copy's pointers lead. */
function guarded(name: string, kernel: AnyKernel): AnyKernel {
  return (...args) => {
    for (const arg of args) {
      if (arg instanceof Float32Array || arg instanceof Float64Array) expectOwnMemory(name, arg);
    }
    return kernel(...args);
  };
}
