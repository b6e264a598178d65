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
  /** Number of the thread that failed, 0 for none, and what its error said: a length, and one character a word. */
  failed: 8,
  messageLength: 9,
  /** 1 while a plan runs: workers then look for work without sleeping. */
  held: 10,
  message: 16,
  /** Pairs of pointer and length of each program's bytes in the heap. */
  programs: 256,
  /** One word a thread: 1 once it runs. */
  started: 256 + 2 * 256,
} as const;

export const MAX_PROGRAMS = (control.started - control.programs) / 2;
const MAX_MESSAGE = control.programs - control.message;

export const CLAIM_BITS = 10;
export const MAX_CHUNKS = (1 << CLAIM_BITS) - 1;
export const MAX_ARGUMENTS = 48;

/**
 * The program of a worker, as text, so that it travels inside the bundle and no bundler needs to know of it. `setup` holds
 * the memory, the control words, the arguments and the thread's number.
 *
 * A worker spins for some microseconds after each chunk, since the next fork usually follows at once, and then sleeps in
 * Atomics.wait, where it costs nothing; while a plan runs it goes on spinning.
 */
export const workerSource = `
'use strict';
const run = ({ memory, words, args, thread }) => {
  const C = ${JSON.stringify(control)};
  const mask = (1 << ${CLAIM_BITS}) - 1;
  const programs = [];
  const program = (id) => {
    if (programs[id] === undefined) {
      const at = Atomics.load(words, C.programs + 2 * id) >>> 0;
      const length = Atomics.load(words, C.programs + 2 * id + 1);
      memory.grow(0); // The buffer may be from before the main thread's last growth; this makes a new one.
      const bytes = new Uint8Array(memory.buffer, at, length).slice();
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      programs[id] = Object.values(exports);
    }
    return programs[id];
  };
  Atomics.store(words, C.started + thread, 1);
  for (;;) {
    let claim = Atomics.load(words, C.claim);
    for (let spins = 0; (claim & mask) === 0 && (spins < 4000 || Atomics.load(words, C.held) === 1); spins++) {
      claim = Atomics.load(words, C.claim);
    }
    if ((claim & mask) === 0) {
      Atomics.wait(words, C.claim, claim);
      continue;
    }
    const id = words[C.program], entry = words[C.entry], count = words[C.argumentCount];
    const units = words[C.units], grain = words[C.grain], chunks = words[C.chunks];
    const values = [];
    for (let i = 0; i < count; i++) values.push(args[i]);
    if (Atomics.compareExchange(words, C.claim, claim, claim - 1) !== claim) continue;
    const begin = (chunks - (claim & mask)) * grain;
    try {
      program(id)[entry](...values, begin, Math.min(begin + grain, units), thread);
    } catch (error) {
      if (Atomics.compareExchange(words, C.failed, 0, thread) === 0) {
        const text = String(error).slice(0, ${MAX_MESSAGE});
        for (let i = 0; i < text.length; i++) words[C.message + i] = text.charCodeAt(i);
        words[C.messageLength] = text.length;
      }
    }
    if (Atomics.add(words, C.done, 1) + 1 === chunks) Atomics.notify(words, C.done);
  }
};
if (typeof self !== 'undefined' && typeof self.postMessage === 'function' && typeof process === 'undefined') self.onmessage = (e) => run(e.data);
else run(require('node:worker_threads').workerData);
`;
