import { expectOwnMemory } from '../base/copies.js';
import { debugLevel, wantsValidation } from '../base/environment.js';
import { describeArguments, flopsOf, type KernelArgument } from './describe.js';
import type { Kernels } from './kernels.js';
import { validated } from './validate.js';

/** What happens around each kernel call. */
export interface Instruments {
  /** Prints the call, its milliseconds, and GFLOP/s where the geometry tells the work. */
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

/** What each instrumented table was made of. */
const originals = new WeakMap<Kernels, Kernels>();

/** Chooses instruments for the tables that `instrumented` makes from now; see `setInstruments` in kernels.ts. */
export function chooseInstruments(changes: Partial<Instruments>): void {
  Object.assign(instruments, changes);
}

/** The table without instruments. */
export function bare(table: Kernels): Kernels {
  return originals.get(table) ?? table;
}

type AnyKernel = (...args: KernelArgument[]) => unknown;

/** The table with the instruments of the moment around each kernel; with none, the table itself, so they cost nothing. */
export function instrumented(table: Kernels): Kernels {
  const original = bare(table);
  const { trace, measure, validate, guard } = instruments;
  if (!trace && !measure && !validate && !guard) return original;
  const wrapped = { ...original } as unknown as Record<string, AnyKernel>;
  for (const [name, kernel] of Object.entries(wrapped)) {
    // Asking for the size of a workspace is no work.
    if (name.endsWith('Workspace')) continue;
    // What a table keeps of filters is its own affair.
    const checked = validate && name !== 'conv2dKeepFilters' ? validated(name, kernel) : kernel;
    const watched = trace || measure ? timed(name, checked, trace, measure) : checked;
    wrapped[name] = guard ? guarded(name, watched) : watched;
  }
  const result = wrapped as unknown as Kernels;
  originals.set(result, original);
  return result;
}

function timed(name: string, kernel: AnyKernel, trace: boolean, measure: boolean): AnyKernel {
  return (...args) => {
    const start = performance.now();
    kernel(...args);
    const end = performance.now();
    if (measure) performance.measure(`stridenet ${name}`, { start, end, detail: describeArguments(args) });
    if (trace) console.warn(`stridenet: ${name}(${describeArguments(args)}) ${speed(name, args, end - start)}`);
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

function speed(name: string, args: readonly KernelArgument[], ms: number): string {
  const flops = flopsOf(name, args);
  const rate = flops === null ? '' : `, ${(flops / ms / 1e6).toFixed(1)} GFLOP/s`;
  return `${ms.toFixed(3)} ms${rate}`;
}
