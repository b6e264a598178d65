/**
 * The few words of shared memory through which the main thread hands out work, and their layout.
 *
 * A fork splits [0, units) into chunks. `claim` holds the fork's number in its upper bits and the chunks still to be taken
 * in its lower ten: a thread takes one by compare-and-exchange, so a thread that wakes late finds nothing left, or a newer
 * fork, but never half of each. `done` counts finished chunks. What a chunk computes does not depend on who takes it.
 */
export const control = {
  claim: 0,
  done: 1,
  program: 2,
  entry: 3,
  argumentCount: 4,
  units: 5,
  grain: 6,
  chunks: 7,
  /** Number of the thread that failed, 0 for none. */
  failed: 8,
  /** Pairs of pointer and length of each program's bytes in the heap. */
  programs: 16,
  words: 16 + 2 * 64,
} as const;

export const CLAIM_BITS = 10;
export const MAX_CHUNKS = (1 << CLAIM_BITS) - 1;
export const MAX_ARGUMENTS = 32;

/**
 * The program of a worker, as text, so that it travels inside the bundle and no bundler needs to know of it. `setup` holds
 * the memory, the control words, the arguments and the thread's number.
 *
 * A worker spins for some microseconds after each chunk, since the next fork usually follows at once, and then sleeps in
 * Atomics.wait, where it costs nothing.
 */
export const workerSource = `
'use strict';
const run = ({ memory, words, args, thread, bits }) => {
  const C = ${JSON.stringify(control)};
  const mask = (1 << bits) - 1;
  const programs = [];
  const program = (id) => {
    if (programs[id] === undefined) {
      const at = Atomics.load(words, C.programs + 2 * id) >>> 0;
      const length = Atomics.load(words, C.programs + 2 * id + 1);
      const bytes = new Uint8Array(memory.buffer, at, length).slice();
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      programs[id] = Object.values(exports);
    }
    return programs[id];
  };
  for (;;) {
    let claim = Atomics.load(words, C.claim);
    for (let spins = 0; (claim & mask) === 0 && spins < 4000; spins++) claim = Atomics.load(words, C.claim);
    if ((claim & mask) === 0) {
      Atomics.wait(words, C.claim, claim);
      continue;
    }
    const id = words[C.program], entry = words[C.entry], count = words[C.argumentCount];
    const units = words[C.units], grain = words[C.grain], chunks = words[C.chunks];
    const values = Array.from(args.subarray(0, count));
    if (Atomics.compareExchange(words, C.claim, claim, claim - 1) !== claim) continue;
    const begin = (chunks - (claim & mask)) * grain;
    try {
      program(id)[entry](...values, begin, Math.min(begin + grain, units), thread);
    } catch (error) {
      console.error('stridenet: worker ' + thread + ' failed:', error);
      Atomics.store(words, C.failed, thread);
    }
    if (Atomics.add(words, C.done, 1) + 1 === chunks) Atomics.notify(words, C.done);
  }
};
if (typeof self !== 'undefined' && typeof self.postMessage === 'function' && typeof process === 'undefined') self.onmessage = (e) => run(e.data);
else run(require('node:worker_threads').workerData);
`;
