import { whenSeveralCopies } from '../base/copies.js';
import { requestPlainHeap } from '../memory/memory.js';
import { wasmFeatures } from '../wasm/features.js';
import { chooseInstruments, type Instruments, instrumented } from './instrument.js';
import type { KernelTrait, KernelTraits } from './traits.js';
import type { AnyKernel } from './validate.js';

/** The names that `useKernels` knows. */
export type KernelTable = 'reference' | 'plain' | 'simd';

/** The kernels of one contract in every table. */
export type Tables<K> = Readonly<Record<KernelTable, K>>;

/** A table by name, or an object with kernels of its own, such as those that compute nothing. */
export type KernelChoice = KernelTable | object;

interface Family {
  /** What operations call: its functions are exchanged when another table is chosen. */
  readonly live: object;
  readonly tables: Tables<object>;
  readonly traits: ReadonlyMap<string, KernelTrait<AnyKernel>>;
}

const families: Family[] = [];
let chosen: KernelChoice | undefined;
/** Changes with the functions that families have, and is what it was when those come back. */
let generation = 0;
let generations = 0;
/** Nobody has chosen the plain kernels: they stand in for those that cannot be compiled here, and the first call says so. */
let isFallback = false;

/**
 * The kernels of one contract: an object whose functions are those of the table in use.
 *
 * A kernel is a pure function on flat arrays and one geometry object: outputs first, then inputs, then geometry. It checks nothing and allocates
 * nothing. Forward kernels overwrite (`y =`), backward kernels add (`dx +=`). An operation imports the families that it calls, so a program
 * that imports one operation carries no other kernels.
 */
export function kernelFamily<K extends object>(tables: Tables<K>, traits: KernelTraits<K>): K {
  const live: K = { ...tables.plain };
  const family = { live, tables, traits: new Map<string, KernelTrait<AnyKernel>>(Object.entries(traits)) };
  if (families.push(family) === 1) whenSeveralCopies(() => setInstruments({ guard: true }));
  install(family);
  return live;
}

/** The table in use, or the object that was given to `setKernels`. */
export function kernelsInUse(): KernelChoice {
  chosen ??= firstChoice();
  return chosen;
}

/** Chooses the kernels of all families; `useKernels` is the public way. */
export function setKernels(choice: KernelChoice): void {
  chosen = choice;
  generation = ++generations;
  isFallback = false;
  families.forEach(install);
}

/** Changes what happens around each kernel call from now; see src/debug/instruments.ts for the public way. */
export function setInstruments(changes: Partial<Instruments>): void {
  chooseInstruments(changes);
  generation = ++generations;
  families.forEach(install);
}

/** A number for the functions that families have now. */
export function kernelsGeneration(): number {
  return generation;
}

/** Runs `fn` on other kernels. */
export function withKernels<T>(choice: KernelChoice, fn: () => T): T {
  const before = { choice: kernelsInUse(), isFallback, generation };
  setKernels(choice);
  try {
    return fn();
  } finally {
    chosen = before.choice;
    generation = before.generation;
    isFallback = before.isFallback;
    families.forEach(install);
  }
}

/** Kernels that compute nothing; those that answer questions say 0. */
export function idleKernels(): object {
  const idle: Record<string, () => unknown> = {};
  for (const { live, traits } of families) {
    for (const name of Object.keys(live)) idle[name] = traits.get(name)?.query ? () => 0 : () => undefined;
  }
  return idle;
}

/** Hears of a kernel call: which kernel, its arguments, and the multiplications and additions of the call where they are known. */
export type OnKernel = (name: string, kernel: AnyKernel, args: readonly unknown[], flops: number) => void;

/** Kernels that compute nothing and report each call instead; those that answer questions answer them, as the table in use does. */
export function reportingKernels(onKernel: OnKernel): object {
  const use = kernelsInUse();
  const reporting: Record<string, AnyKernel> = {};
  for (const { live, tables, traits } of families) {
    const source = typeof use === 'string' ? tables[use] : use;
    for (const name of Object.keys(live)) {
      const kernel: AnyKernel = Reflect.get(source, name);
      const trait = traits.get(name);
      const report: AnyKernel = (...args) => onKernel(name, kernel, args, trait?.flops?.(...args) ?? 0);
      reporting[name] = trait?.query ? kernel : report;
    }
  }
  return reporting;
}

function install({ live, tables, traits }: Family): void {
  const use = kernelsInUse();
  const source = typeof use === 'string' ? tables[use] : use;
  for (const name of Object.keys(live)) {
    const own: AnyKernel = Reflect.get(source, name);
    const kernel = isFallback ? announced(own) : own;
    Reflect.set(live, name, instrumented(name, kernel, Reflect.get(tables.reference, name), traits.get(name)));
  }
}

/** Threads that cannot run kernels need no shared memory, and a module that is compiled beforehand wants another. */
function firstChoice(): KernelTable {
  if (wasmFeatures().simd) return 'simd';
  requestPlainHeap();
  isFallback = true;
  return 'plain';
}

/** The kernel, the first call of which warns that nothing faster is to be had. Whoever has chosen a table before hears nothing. */
function announced(kernel: AnyKernel): AnyKernel {
  return (...args) => {
    if (isFallback) {
      setKernels('plain');
      console.warn(
        `stridenet: kernels run without WebAssembly, several times slower, since ${wasmFeatures().reason}. Pass { module } to useKernels('simd') where your host can import stridenet/kernels.wasm, or call useKernels('plain') to run without this warning.`,
      );
    }
    return kernel(...args);
  };
}
