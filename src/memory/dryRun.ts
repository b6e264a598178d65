/** Stands in for the memory while shapes are followed and nothing is computed: what is asked for numbers gets a token instead. */
export interface DryMemory {
  /** The token for the numbers of a block, which only kernels may be given. */
  numbersOf(block: object): Float32Array;
  /** The token for scratch space of so many floats. */
  workspace(length: number): Float32Array;
}

let current: DryMemory | null = null;

/** The stand-in that is in use; null where memory is real. */
export function dryMemory(): DryMemory | null {
  return current;
}

/** Runs `fn` so that new blocks take no memory. */
export function withDryMemory<T>(memory: DryMemory, fn: () => T): T {
  return exchanged(memory, fn);
}

/** Runs `fn` on real memory, inside `withDryMemory` too: for numbers that are known, such as those of a constant. */
export function withRealMemory<T>(fn: () => T): T {
  return current === null ? fn() : exchanged(null, fn);
}

function exchanged<T>(memory: DryMemory | null, fn: () => T): T {
  const before = current;
  current = memory;
  try {
    return fn();
  } finally {
    current = before;
  }
}
