import { ArgumentError } from '../base/errors.js';
import { fuses } from './features.js';
import type { KernelEntry } from './pool.js';

/** The section of kernels.wasm that says what it holds. */
export const SECTION = 'stridenet';

/** Its function that computes one multiply-add as the programs do: y, a, b and c are four floats each, from `p` on. */
export const PROBE = { program: 'probe', name: 'multiplyAdd' } as const;

/** What stands there. */
export interface Contents {
  /** A digest of all programs, by which the library knows its own kernels. */
  digest: string;
  /** They use relaxed_madd. */
  fma: boolean;
}

/** The digest of this build's programs, which the bundler writes here; sources have none, and take any module that has their functions. */
declare const STRIDENET_KERNELS: string | undefined;
const expected = typeof STRIDENET_KERNELS === 'undefined' ? undefined : STRIDENET_KERNELS;

/** The functions of a program by their names. */
type Functions = ReadonlyMap<string, KernelEntry>;

/** All programs in one compiled module, for hosts that compile WebAssembly only before a program starts. */
export class ReadyModule {
  readonly fma: boolean;
  /** The engine that compiled it rounds once in a multiply-add. */
  readonly fuses: boolean;
  readonly #module: WebAssembly.Module;
  readonly #instances = new WeakMap<WebAssembly.Memory, ReadonlyMap<string, Functions>>();

  /** Throws `ArgumentError` for a module that does not hold this library's programs. */
  constructor(module: WebAssembly.Module, programs: readonly string[]) {
    if (!(module instanceof WebAssembly.Module)) {
      throw new ArgumentError(
        `useKernels: module is ${describe(module)}, but must be a WebAssembly.Module. Import stridenet/kernels.wasm as your host compiles it, or compile its bytes.`,
      );
    }
    const contents = contentsOf(module);
    const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name.slice(0, name.indexOf('/'))));
    const missing = programs.filter((name) => !names.has(name));
    if (contents === null || missing.length === programs.length) {
      throw new ArgumentError('useKernels: module is not stridenet/kernels.wasm. Import that file of this package.');
    }
    if (missing.length > 0 || (expected !== undefined && contents.digest !== expected)) {
      throw new ArgumentError(
        'useKernels: module is the kernels.wasm of another version of stridenet. Import the file of the same package as the library.',
      );
    }
    this.fma = contents.fma;
    this.#module = module;
    this.fuses = contents.fma && this.#probe();
  }

  /** The functions of a program on this memory, which must not be shared. */
  functions(program: string, memory: WebAssembly.Memory): Functions {
    let instance = this.#instances.get(memory);
    if (instance === undefined) {
      instance = byProgram(new WebAssembly.Instance(this.#module, { env: { memory } }).exports);
      this.#instances.set(memory, instance);
    }
    return instance.get(program) as Functions;
  }

  #probe(): boolean {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const floats = new Float32Array(memory.buffer);
    const multiplyAdd = this.functions(PROBE.program, memory).get(PROBE.name);
    return fuses((a, b, c) => {
      floats.set(
        [a, b, c].flatMap((value) => [value, value, value, value]),
        4,
      );
      multiplyAdd?.(0);
      return floats[0];
    });
  }
}

function byProgram(exports: WebAssembly.Exports): ReadonlyMap<string, Functions> {
  const programs = new Map<string, Map<string, KernelEntry>>();
  for (const [name, value] of Object.entries(exports)) {
    const slash = name.indexOf('/');
    const program = name.slice(0, slash);
    const functions = programs.get(program) ?? new Map<string, KernelEntry>();
    programs.set(program, functions.set(name.slice(slash + 1), value as KernelEntry));
  }
  return programs;
}

function contentsOf(module: WebAssembly.Module): Contents | null {
  const [section] = WebAssembly.Module.customSections(module, SECTION);
  return section === undefined ? null : (JSON.parse(new TextDecoder().decode(section)) as Contents);
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  return `a ${value.constructor?.name ?? 'object'}`;
}
