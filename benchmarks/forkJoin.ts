import { availableParallelism } from 'node:os';
import { configurePrograms, currentPool, Program } from '../src/wasm/program.js';
import { span } from '../src/wasm/span.js';
import { printHeader } from './support.js';

/* What does it cost to hand one kernel to all threads and wait for them? A chunk does nothing here, so all is overhead. */

const program = new Program('forkJoin', (module) => {
  module.func('nothing', { ...span }, () => {});
});

const nothing = program.entry('nothing', {});

const ROUNDS = 21;
const FORKS = 2000;

/** Microseconds of one run, the median and the smallest of all rounds. */
function measure(units: number): { median: number; minimum: number } {
  const times: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const start = performance.now();
    for (let fork = 0; fork < FORKS; fork++) nothing.run({}, units, 1);
    if (round >= 0) times.push(((performance.now() - start) * 1000) / FORKS);
  }
  times.sort((a, b) => a - b);
  return { median: times[ROUNDS >> 1], minimum: times[0] };
}

/** The same after a pause in which the workers have gone to sleep and must be woken. */
async function measureAsleep(units: number): Promise<{ median: number; minimum: number }> {
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    await new Promise((done) => setTimeout(done, 2));
    const start = performance.now();
    nothing.run({}, units, 1);
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1], minimum: times[0] };
}

printHeader('Fork and join of empty kernels, microseconds each');
for (const threads of new Set([1, 2, availableParallelism()])) {
  configurePrograms({ threads });
  while (threads > 1 && (currentPool()?.started ?? 0) < threads - 1) await new Promise((done) => setTimeout(done, 1));
  for (const chunks of threads === 1 ? [1] : [threads, 8 * threads]) {
    const busy = measure(chunks);
    const asleep = await measureAsleep(chunks);
    const show = ({ median, minimum }: typeof busy): string =>
      `median ${median.toFixed(2)}, least ${minimum.toFixed(2)}`;
    console.log(`${threads} threads, ${chunks} chunks: in a row ${show(busy)}; after a pause ${show(asleep)}`);
  }
}
configurePrograms({ threads: 1 });
