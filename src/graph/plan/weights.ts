import type { Storage } from '../../memory/storage.js';
import type { Graph } from '../graph.js';
import type { Bound } from './bind.js';
import { Watch } from './watch.js';

/** What is made from weights once, and again when they have changed: packed filters, folded batch norms, constants. */
export interface Preparation {
  /** The weights it is made from, directly or not. */
  readonly sources: readonly Storage[];
  readonly steps: readonly Bound[];
}

/** The weights of a plan: prepares them, and notices when they are no longer those that were prepared. */
export class PlanWeights {
  readonly #preparations: readonly Preparation[];
  readonly #watches: ReadonlyMap<Storage, Watch>;
  /** Every weight, watched or read in place. */
  readonly #all: readonly Storage[];

  constructor(graph: Graph, preparations: readonly Preparation[]) {
    this.#preparations = preparations;
    this.#all = [...new Set([...graph.tensors.values()].map(({ storage }) => storage))];
    this.#writeInitialValues();
    const sources = new Set(preparations.flatMap(({ sources }) => sources));
    this.#watches = new Map([...sources].map((storage) => [storage, new Watch(storage)]));
    for (const { steps } of preparations) for (const step of steps) step.run();
  }

  /** The block of a weight that was released meanwhile, if there is one. */
  released(): Storage | undefined {
    for (const storage of this.#all) if (storage.released) return storage;
    return undefined;
  }

  /** Writes initial values that nobody has read yet, and prepares anew what was made from weights that have changed. */
  refresh(): void {
    this.#writeInitialValues();
    let changed: Set<Storage> | null = null;
    for (const [storage, watch] of this.#watches) {
      if (!watch.hasChanged()) continue;
      changed ??= new Set();
      changed.add(storage);
    }
    if (changed === null) return;
    for (const { sources, steps } of this.#preparations) {
      if (sources.some((storage) => changed.has(storage))) for (const step of steps) step.run();
    }
  }

  /** Kernels get pointers, so nobody else asks for numbers that are drawn when they are read first. */
  #writeInitialValues(): void {
    for (const storage of this.#all) if (storage.deferred !== null) void storage.data;
  }

  release(): void {
    for (const watch of this.#watches.values()) watch.release();
  }
}
