import { ArgumentError, StridenetError } from '../base/errors.js';
import { nodeModule } from '../base/nodeModule.js';
import type { Heap } from '../memory/heap.js';
import { heap, requestPlainHeap } from '../memory/memory.js';
import { MAX_PROGRAMS } from './control.js';
import { Entry } from './entry.js';
import { wasmFeatures } from './features.js';
import { FixedCall, fixedCalls } from './fixedCalls.js';
import { ModuleBuilder, type Parameters } from './module.js';
import { type KernelEntry, Pool } from './pool.js';
import { ReadyModule } from './readyModule.js';
import { canStartWorkers } from './worker.js';

/** undefined until the first run or `useKernels` decides. */
let pool: Pool | null | undefined;
let relaxed: boolean | undefined;
let wide = false;
/** Where the programs come from when they are not compiled here. */
let ready: ReadyModule | null = null;
const programs: Program[] = [];

/** All cores where workers can share the heap, else 1. */
export function defaultThreads(): number {
  if (!canFork()) return 1;
  const os = nodeModule<{ availableParallelism(): number }>('node:os');
  const cores = os?.availableParallelism() ?? (typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency);
  return Math.max(1, Math.min(cores || 1, 256));
}

function canFork(): boolean {
  return ready === null && wasmFeatures().simd && heap().shared && canStartWorkers();
}

/** The pool of the moment; the first call starts one on all cores, unless `useKernels` has decided otherwise. */
export function currentPool(): Pool | null {
  if (pool === undefined) configurePrograms({ threads: defaultThreads(), later: true });
  return pool ?? null;
}

/** How many threads run kernels now. */
export function threadCount(): number {
  return currentPool()?.threads ?? 1;
}

/** Whether programs have fused multiply-adds. */
export function usesRelaxedSimd(): boolean {
  if (ready !== null) return ready.fuses;
  return (relaxed ?? true) && wasmFeatures().relaxedSimd;
}

/** Whether loops have room for vectors of 256 bits. */
export function usesWideVectors(): boolean {
  return wide && ready === null;
}

/** Every program that has been made, whether compiled yet or not. */
export function allPrograms(): readonly Program[] {
  return programs;
}

/** How programs run. */
export interface ProgramOptions {
  threads: number;
  /** false decides against fused multiply-add although the runtime has it. */
  relaxedSimd?: boolean | undefined;
  /** Loops for compilers that join neighboring vectors: see `prefersWideVectors`. */
  wide?: boolean | undefined;
  /** The second kernel that could use threads starts them. */
  later?: boolean | undefined;
  /** How long the main thread waits for a chunk without any progress before it calls a worker lost. Default: 30 seconds. */
  patienceMs?: number | undefined;
  /** A module with all programs, for one thread, instead of compiling them. */
  module?: WebAssembly.Module | undefined;
}

/**
 * Chooses how programs run. There is one thread where workers cannot share the heap. Threads of before are ended, and new ones started.
 *
 * Throws `ArgumentError` for a module that cannot be used.
 */
export function configurePrograms(options: ProgramOptions): void {
  const before = [usesRelaxedSimd(), ready, wide] as const;
  ready = options.module === undefined ? null : prepare(options.module, options.relaxedSimd);
  pool?.stop();
  relaxed = options.relaxedSimd;
  wide = options.wide ?? false;
  if (usesRelaxedSimd() !== before[0] || ready !== before[1] || wide !== before[2])
    for (const program of programs) program.forget();
  pool = options.threads > 1 && canFork() ? new Pool(options.threads, heap().memory, options) : null;
}

function prepare(compiled: WebAssembly.Module, relaxedSimd?: boolean): ReadyModule {
  const module = new ReadyModule(
    compiled,
    programs.map(({ name }) => name),
  );
  if (module.fma && relaxedSimd === false) {
    throw new ArgumentError(
      'useKernels: relaxedSimd is false, but module is stridenet/kernels.relaxed.wasm, which has fused multiply-adds. Pass stridenet/kernels.wasm.',
    );
  }
  if (!requestPlainHeap()) {
    throw new ArgumentError(
      'useKernels: module needs memory that is not shared, but tensors were made in shared memory. Call useKernels before the first tensor or model is made.',
    );
  }
  return module;
}

interface Compiled {
  readonly bytes: Uint8Array;
  readonly entries: Map<string, number>;
  readonly functions: KernelEntry[];
}

/**
 * A family of WebAssembly kernels: built, compiled and instantiated on the heap at its first use.
 *
 * Every function of a program takes its own arguments and then `begin`, `end` and `thread`: the part of the work that one
 * call does, and which thread (0 is the main one) does it, so that each can have a scratch area of its own.
 */
export class Program {
  readonly #id: number;
  #compiled = new WeakMap<WebAssembly.Memory, Compiled>();
  /** Where the workers find the bytes, and which workers know. */
  #copy: { of: Heap; pointer: number; bytes: number } | null = null;
  #publishedTo: Pool | null = null;

  constructor(
    readonly name: string,
    readonly build: (module: ModuleBuilder) => void,
  ) {
    this.#id = programs.length;
    if (programs.push(this) > MAX_PROGRAMS) throw new ArgumentError(`there are more than ${MAX_PROGRAMS} programs.`);
  }

  /**
   * A handle on function `name`, whose parameters before those of `span` are these.
   *
   * Throws `ArgumentError` for more parameters than a fork can carry.
   */
  entry<P extends Parameters>(name: string, parameters: P): Entry<P> {
    return new Entry(this, name, parameters);
  }

  /** Handles on functions that have the same parameters, by their names. */
  entries<N extends string, P extends Parameters>(names: readonly N[], parameters: P): Readonly<Record<N, Entry<P>>> {
    return Object.fromEntries(names.map((name) => [name, this.entry(name, parameters)])) as Record<N, Entry<P>>;
  }

  /**
   * What `Entry.run` does with its values in order. `values` has room for the three of `span` at its end.
   *
   * Throws `StridenetError` when the kernel fails, on this thread or another, or a worker has died.
   */
  call(entry: string, values: number[], units: number, grain: number): void {
    const { entries, functions } = this.compile();
    const index = entries.get(entry);
    if (index === undefined) throw new ArgumentError(`program ${this.name} has no function ${entry}.`);
    const kernel = functions[index];
    const own = values.length - 3;
    if (kernel.length !== values.length) {
      throw new ArgumentError(
        `program ${this.name}: ${entry} takes ${kernel.length - 3} values, but its handle has ${own}.`,
      );
    }
    const pool = units > grain ? currentPool() : null;
    const team = pool?.memory === heap().memory ? pool : null;
    const fixed = fixedCalls();
    if (fixed !== null) {
      fixed.calls.push(this.#fix(entry, index, kernel, values, units, grain, team));
      return;
    }
    try {
      if (team === null) {
        values[own] = 0;
        values[own + 1] = units;
        values[own + 2] = 0;
        kernel(...values);
      } else {
        if (this.#publishedTo !== team) this.#publish(team);
        team.run(this.#id, index, kernel, values.slice(0, own), units, grain);
      }
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw new StridenetError(`program ${this.name}, ${entry}: ${error.message}`);
    }
  }

  #fix(
    name: string,
    index: number,
    kernel: KernelEntry,
    given: readonly number[],
    units: number,
    grain: number,
    pool: Pool | null,
  ): FixedCall {
    const own = given.slice(0, -3);
    if (pool === null) return new FixedCall(this.name, name, kernel, [...own, 0, units, 0], null, units, grain);
    if (this.#publishedTo !== pool) this.#publish(pool);
    const team = { pool, program: this.#id, entry: index };
    return new FixedCall(this.name, name, kernel, own, team, units, grain);
  }

  /** A fresh builder with this program's functions, for reading what it emits. */
  module(
    options: {
      fma?: boolean | undefined;
      wide?: boolean | undefined;
      shared?: boolean | undefined;
      silent?: boolean | undefined;
    } = {},
  ): ModuleBuilder {
    const { shared, maximumBytes } = heap();
    const module = new ModuleBuilder({
      fma: options.fma ?? usesRelaxedSimd(),
      wide: options.wide ?? usesWideVectors(),
      shared: options.shared ?? shared,
      maximumPages: maximumBytes / 65536,
      silent: options.silent,
    });
    this.build(module);
    return module;
  }

  /** Drops the compiled code, so that the next run builds it with the options of then. */
  forget(): void {
    this.#compiled = new WeakMap();
    if (this.#copy !== null) this.#copy.of.release(this.#copy.pointer, this.#copy.bytes);
    this.#copy = null;
    this.#publishedTo = null;
  }

  /** The functions on the heap of the moment; `call` does it by itself. */
  compile(): Compiled {
    const { memory } = heap();
    const known = this.#compiled.get(memory);
    if (known !== undefined) return known;
    const compiled = ready === null ? this.#build(memory) : this.#take(ready, memory);
    this.#compiled.set(memory, compiled);
    return compiled;
  }

  #build(memory: WebAssembly.Memory): Compiled {
    const module = this.module({ silent: true });
    const bytes = module.bytes();
    const { exports } = instantiate(this.name, bytes, memory);
    const functions = module.names.map((name) => exports[name] as KernelEntry);
    return { bytes, entries: new Map(module.names.map((name, i) => [name, i])), functions };
  }

  #take(module: ReadyModule, memory: WebAssembly.Memory): Compiled {
    const functions = module.functions(this.name, memory);
    const entries = new Map([...functions.keys()].map((name, i) => [name, i]));
    return { bytes: new Uint8Array(), entries, functions: [...functions.values()] };
  }

  /** Lays the bytes into the shared heap, whose growth detaches nothing, and tells the workers where. */
  #publish(team: Pool): void {
    const of = heap();
    if (this.#copy?.of !== of) {
      const { bytes } = this.compile();
      const pointer = of.allocate(bytes.length, `program ${this.name}`);
      new Uint8Array(of.memory.buffer, pointer, bytes.length).set(bytes);
      this.#copy = { of, pointer, bytes: bytes.length };
    }
    team.publish(this.#id, this.#copy.pointer, this.#copy.bytes);
    this.#publishedTo = team;
  }
}

function instantiate(name: string, bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  } catch (error) {
    throw new StridenetError(
      `program ${name}: this runtime no longer lets WebAssembly be compiled (${(error as Error).message}). Call useKernels('plain'), or pass { module } with stridenet/kernels.wasm.`,
    );
  }
}
