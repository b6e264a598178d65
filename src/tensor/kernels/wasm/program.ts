import { ArgumentError } from '../../errors.js';
import { heap } from '../../memory.js';
import { wasmFeatures } from './features.js';
import { ModuleBuilder } from './module.js';
import { type KernelEntry, Pool } from './pool.js';

let pool: Pool | null = null;
let relaxed: boolean | undefined;
const published: Program[] = [];

/** How many threads run kernels now. */
export function threadCount(): number {
  return pool?.threads ?? 1;
}

/** Whether programs are built with fused multiply-add. */
export function usesRelaxedSimd(): boolean {
  return relaxed ?? wasmFeatures().relaxedSimd;
}

/** Chooses the number of threads, and, for tests, against fused multiply-add although the runtime has it. */
export function configurePrograms(options: { threads: number; relaxedSimd?: boolean }): void {
  pool?.stop();
  pool = null;
  if (options.relaxedSimd !== relaxed) {
    relaxed = options.relaxedSimd;
    for (const program of published) program.forget();
  }
  if (options.threads > 1) {
    pool = new Pool(options.threads, heap().memory);
    for (const program of published) program.publishTo(pool);
  }
}

interface Compiled {
  readonly entries: Map<string, number>;
  readonly functions: KernelEntry[];
  readonly memory: WebAssembly.Memory;
}

/**
 * A family of WebAssembly kernels: built, compiled and instantiated on the heap at its first use.
 *
 * Every function of a program takes its own arguments and then `begin`, `end` and `thread`: the part of the work that one
 * call does, and which thread (0 is the main one) does it, so that each can have a scratch area of its own.
 */
export class Program {
  readonly #id: number;
  #compiled: Compiled | null = null;
  #pointer = 0;
  #length = 0;

  constructor(
    readonly name: string,
    readonly build: (module: ModuleBuilder) => void,
  ) {
    this.#id = published.length;
    published.push(this);
  }

  /**
   * Runs function `entry` over [0, units), in chunks of `grain` units on all threads when there is more than one chunk.
   * Pointers are byte offsets; the result must not depend on where chunks begin.
   */
  run(entry: string, values: readonly number[], units: number, grain: number): void {
    const { entries, functions } = this.#compile();
    const index = entries.get(entry);
    if (index === undefined) throw new ArgumentError(`program ${this.name} has no function ${entry}.`);
    const kernel = functions[index];
    if (pool === null || units <= grain || pool.memory !== heap().memory) kernel(...values, 0, units, 0);
    else pool.run(this.#id, index, kernel, values, units, grain);
  }

  /** A fresh builder with this program's functions, for reading what it emits. */
  module(): ModuleBuilder {
    const { shared, maximumBytes } = heap();
    const module = new ModuleBuilder({ fma: usesRelaxedSimd(), shared, maximumPages: maximumBytes / 65536 });
    this.build(module);
    return module;
  }

  publishTo(target: Pool): void {
    if (this.#compiled !== null) target.publish(this.#id, this.#pointer, this.#length);
  }

  /** Drops the compiled code, so that the next run builds it with the options of then. */
  forget(): void {
    if (this.#compiled?.memory === heap().memory) heap().release(this.#pointer, this.#length);
    this.#compiled = null;
  }

  #compile(): Compiled {
    const { memory } = heap();
    if (this.#compiled !== null && this.#compiled.memory === memory) return this.#compiled;
    const module = this.module();
    const bytes = module.bytes();
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const functions = module.names.map((name) => instance.exports[name] as KernelEntry);
    this.#compiled = { entries: new Map(module.names.map((name, i) => [name, i])), functions, memory };
    this.#pointer = heap().allocate(bytes.length, `program ${this.name}`);
    this.#length = bytes.length;
    new Uint8Array(memory.buffer, this.#pointer, bytes.length).set(bytes);
    if (pool !== null) this.publishTo(pool);
    return this.#compiled;
  }
}
