import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ArgumentError, StridenetError } from '../../src/base/errors.js';
import { kernelInfo, useKernels } from '../../src/kernels/use.js';
import { heap, withHeap } from '../../src/memory/memory.js';
import { Pool } from '../../src/wasm/pool.js';
import { configurePrograms, currentPool, Program } from '../../src/wasm/program.js';
import { F32, I32 } from '../../src/wasm/scalars.js';
import { span } from '../../src/wasm/span.js';

const UNITS = 4096;

const marked = { y: 'i32', threads: 'i32' } as const;
const slowed = { threads: 'i32', turns: 'i32' } as const;
const trapped = { where: 'i32', turns: 'i32' } as const;

const program = new Program('poolTest', (module) => {
  // y[i] += i, and threads[i] = which thread did it.
  module.func('mark', { ...marked, ...span }, (f, { y, threads, begin, end, thread }) => {
    f.loop(begin, end, 1, (i) => {
      const at = f.let(i.shl(2));
      f.store(y.add(at), F32.load(y.add(at)).add(i.toF32()));
      f.store(threads.add(at), thread);
    });
  });
  // Slow enough that every worker gets a share, however late it wakes.
  module.func('slow', { ...slowed, ...span }, (f, { threads, turns, begin, end, thread }) => {
    f.loop(begin, end, 1, (i) => {
      f.loop(0, turns, 1, (k) => f.store(threads.add(i.shl(2)), k));
      f.store(threads.add(i.shl(2)), thread);
    });
  });
  // Writes outside the memory, but only in workers, or only in the main thread.
  module.func('trap', { ...trapped, ...span }, (f, { where, turns, begin, end, thread }) => {
    f.loop(begin, end, 1, () => {
      const y = f.i32();
      f.loop(0, turns, 1, (k) => y.set(y.xor(k)));
      f.if(thread.min(1).eq(where), () => f.store(I32.of(-4), y));
    });
  });
});

const mark = program.entry('mark', marked);
const slow = program.entry('slow', slowed);
const trap = program.entry('trap', trapped);

let y = 0;
let threads = 0;
const floats = (): Float32Array => new Float32Array(heap().memory.buffer, y, UNITS);
const takers = (): Set<number> => new Set(new Int32Array(heap().memory.buffer, threads, UNITS));
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
/** As long as a busy machine may need to let every thread have a turn. */
const deadline = (): number => performance.now() + 30_000;

/** A pool whose workers all run. */
async function startThreads(count: number): Promise<Pool> {
  configurePrograms({ threads: count });
  const pool = currentPool() as Pool;
  while (pool.started < count - 1) await wait(5);
  return pool;
}

beforeAll(() => {
  y = heap().allocate(4 * UNITS, 'test');
  threads = heap().allocate(4 * UNITS, 'test');
});

afterAll(() => configurePrograms({ threads: 1 }));

it('threads of a pool that is begun by itself start with the second work for several', async () => {
  configurePrograms({ threads: 3, later: true });
  const pool = currentPool() as Pool;
  expect([pool.threads, pool.workers.length]).toEqual([3, 0]);
  floats().fill(0);
  mark.run({ y, threads }, UNITS, UNITS);
  mark.run({ y, threads }, UNITS, 16);
  expect(pool.workers.length).toBe(0);
  mark.run({ y, threads }, UNITS, 16);
  expect(pool.workers.length).toBe(2);
  while (pool.started < 2) await wait(5);
  mark.run({ y, threads }, UNITS, 16);
  expect([...floats()]).toEqual(Array.from({ length: UNITS }, (_, i) => 4 * i));
});

describe.each([1, 2, 3, 5])('%i threads', (count) => {
  it('do each unit exactly once, in many forks in a row, whatever the grain', async () => {
    if (count > 1) await startThreads(count);
    else configurePrograms({ threads: 1 });
    floats().fill(0);
    const forks = 3000;
    for (let k = 0; k < forks; k++) mark.run({ y, threads }, UNITS, [1, 7, 64, 1000, UNITS, 10 * UNITS][k % 6]);
    expect([...floats()]).toEqual(Array.from({ length: UNITS }, (_, i) => i * forks));
  });

  it('all take part in work that lasts', async () => {
    if (count > 1) await startThreads(count);
    else configurePrograms({ threads: 1 });
    const seen = new Set<number>();
    for (const end = deadline(); seen.size < count && performance.now() < end; ) {
      slow.run({ threads, turns: 2000 }, 512, 1);
      for (const thread of new Int32Array(heap().memory.buffer, threads, 512)) seen.add(thread);
    }
    expect([...seen].sort()).toEqual([...Array(count).keys()]);
  });
});

describe('threads', () => {
  it('that start late do no harm: the main thread begins without them', () => {
    configurePrograms({ threads: 3 });
    floats().fill(0);
    // No turn of the event loop lies between the start and the work.
    for (let k = 0; k < 200; k++) mark.run({ y, threads }, UNITS, 16);
    expect(floats()[UNITS - 1]).toBe(200 * (UNITS - 1));
  });

  it('threads: 1 starts no worker', () => {
    configurePrograms({ threads: 1 });
    expect(currentPool()).toBeNull();
    mark.run({ y, threads }, UNITS, 1);
    expect(takers()).toEqual(new Set([0]));
  });

  it('can be stopped and started again while programs exist', async () => {
    const answers: number[][] = [];
    for (const options of [{ threads: 2 }, { threads: 1 }, { threads: 3, relaxedSimd: false }, { threads: 2 }]) {
      configurePrograms(options);
      floats().fill(1);
      mark.run({ y, threads }, UNITS, 8);
      answers.push([...floats()]);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('read programs that lie above what the memory held when they started', async () => {
    await startThreads(2);
    for (let k = 0; k < 6; k++) {
      heap().allocate(heap().heapBytes, 'test');
      const late = new Program(`late${k}`, (module) => {
        module.func('slow', { p: 'i32', ...span }, (f, { p, begin, end, thread }) => {
          f.loop(begin, end, 1, (i) => f.loop(0, 5000, 1, () => f.store(p.add(i.shl(2)), thread)));
        });
      });
      const writeLate = late.entry('slow', { p: 'i32' });
      for (const end = deadline(); !takers().has(1) && performance.now() < end; ) writeLate.run({ p: threads }, 256, 1);
      expect(takers().has(1)).toBe(true);
      mark.run({ y, threads }, UNITS, UNITS);
    }
  });

  it('belong to one memory: on another heap the main thread works alone, and finds its own code again', async () => {
    await startThreads(2);
    const { liveBytes } = heap();
    for (let k = 0; k < 3; k++) {
      withHeap({ shared: k === 1 }, (other) => {
        const [a, b] = [other.allocate(4 * UNITS, 'test'), other.allocate(4 * UNITS, 'test')];
        mark.run({ y: a, threads: b }, UNITS, 8);
        expect(new Int32Array(other.memory.buffer, b, UNITS).every((thread) => thread === 0)).toBe(true);
        expect(new Float32Array(other.memory.buffer, a, UNITS)[9]).toBe(9);
      });
    }
    floats().fill(0);
    mark.run({ y, threads }, UNITS, 8);
    expect(floats()[9]).toBe(9);
    expect(heap().liveBytes).toBe(liveBytes);
  });

  it('cannot run on a memory that is not shared', () => {
    withHeap({ shared: false }, () => {
      configurePrograms({ threads: 4 });
      expect(currentPool()).toBeNull();
    });
  });
});

describe('a fault', () => {
  const fail = (where: number): void => {
    for (const end = deadline(); performance.now() < end; ) trap.run({ where, turns: 20_000 }, 64, 1);
  };

  it('inside a kernel on the main thread is an error; the next run is as if nothing had been', async () => {
    await startThreads(2);
    expect(() => fail(0)).toThrow(StridenetError);
    expect(() => fail(0)).toThrow('program poolTest, trap: memory access out of bounds');
    floats().fill(0);
    for (let k = 0; k < 100; k++) mark.run({ y, threads }, UNITS, 8);
    expect(floats()[77]).toBe(7700);
  });

  it('inside a kernel in a worker is an error that names the thread, and the worker goes on', async () => {
    const pool = await startThreads(2);
    expect(() => fail(1)).toThrow(StridenetError);
    expect(() => fail(1)).toThrow('a kernel failed in worker thread 1 of 1: RuntimeError: memory access out of bounds');
    const seen = new Set<number>();
    for (const end = deadline(); seen.size < 2 && performance.now() < end; ) {
      slow.run({ threads, turns: 2000 }, 256, 1);
      for (const thread of new Int32Array(heap().memory.buffer, threads, 256)) seen.add(thread);
    }
    expect(seen.size).toBe(2);
    expect(currentPool()).toBe(pool);
  });

  it('a worker that dies while idle is reported by the next run, until useKernels starts new ones', async () => {
    const pool = await startThreads(3);
    pool.workers[1].kill();
    await vi.waitFor(() => expect(() => mark.run({ y, threads }, UNITS, 8)).toThrow(StridenetError), 30_000);
    expect(() => mark.run({ y, threads }, UNITS, 8)).toThrow(
      /^stridenet: worker thread 2 of 2 exited with code 1\. Call useKernels\('simd'\) to start new threads/,
    );
    await useKernels('simd', { threads: 3 });
    mark.run({ y, threads }, UNITS, 8);
    expect(kernelInfo().threads).toBe(3);
  });

  it('a worker that dies in the middle of a chunk is an error after a while, never a hang', async () => {
    const pool = new Pool(2, heap().memory, { patienceMs: 300 });
    while (pool.started < 1) await wait(5);
    const { bytes } = program.compile();
    const pointer = heap().allocate(bytes.length, 'test');
    new Uint8Array(heap().memory.buffer, pointer, bytes.length).set(bytes);
    pool.publish(0, pointer, bytes.length);
    const entry = [...program.compile().entries.keys()].indexOf('slow');
    const [first, second] = [0, 1].map((i) => new Int32Array(heap().memory.buffer, threads + 4 * i, 1));
    const local = (): void => {
      // The main thread waits until the worker has written to its chunk; then the worker is ended, by force, while it runs.
      for (const end = deadline(); first[0] === -1 && second[0] === -1 && performance.now() < end; );
      pool.workers[0].kill();
    };
    first[0] = second[0] = -1;
    expect(() => pool.run(0, entry, local, [threads, 2 ** 31 - 1], 2, 1)).toThrow(
      /^stridenet: a worker thread did not finish its part within 0\.3 s\. Call useKernels\('simd'\)/,
    );
    expect(() => pool.run(0, entry, local, [threads, 1], 2, 1)).toThrow('did not finish its part');
    pool.stop();
    heap().release(pointer, bytes.length);
  });

  it('a worker that never starts is a warning: the others do its work', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const builtin = vi.spyOn(process, 'getBuiltinModule').mockReturnValue({
      Worker: class {
        constructor() {
          throw new Error('not allowed here');
        }
      },
    } as never);
    const pool = new Pool(4, heap().memory);
    builtin.mockRestore();
    expect(pool.threads).toBe(1);
    expect(warn.mock.calls[0][0]).toMatch(/worker thread 1 did not start \(Error: not allowed here\)/);
    warn.mockRestore();
  });

  it('a handle on a function that does not exist, or that has other parameters, is an error at its first run', () => {
    expect(() => program.entry('nothing', {}).run({}, 1, 1)).toThrow(
      new ArgumentError('program poolTest has no function nothing.'),
    );
    expect(() => program.entry('mark', { y: 'i32' }).run({ y }, 1, 1)).toThrow(
      new ArgumentError('program poolTest: mark takes 2 values, but its handle has 1.'),
    );
  });

  it('a handle on more parameters than a fork carries is an error at once', () => {
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`p${i}`, 'i32' as const]));
    expect(() => program.entry('many', many)).toThrow(
      new ArgumentError('program poolTest: many has 49 parameters, but a fork carries at most 48.'),
    );
  });
});

describe('a handle', () => {
  it('takes its values by their names, in whatever order and groups they come', () => {
    configurePrograms({ threads: 1 });
    const sees = (run: () => void): void => {
      floats().fill(0);
      run();
      expect(Array.from(floats().subarray(0, 4))).toEqual([0, 1, 2, 3]);
    };
    sees(() => mark.run({ threads, y }, 4, 4));
    sees(() => mark.runGroups([{ y }, { threads }], 4, 4));
    sees(() => mark.runGroups([{ threads }, { y }], 4, 4));
    sees(() => mark.runGroups([{ y, threads }], 4, 4));
  });

  it('leaves no value out', () => {
    // @ts-expect-error threads is missing
    const one = () => mark.run({ y }, 0, 1);
    // @ts-expect-error threads is missing
    const groups = () => mark.runGroups([{ y }, { thread: 1 }], 0, 1);
    expect([one(), groups()]).toEqual([undefined, undefined]);
  });
});

describe('a Node process', () => {
  const repository = resolve(import.meta.dirname, '../..');
  const node = (code: string): { status: number | null; stdout: string; stderr: string; ms: number } => {
    const start = performance.now();
    const source = `
      import { configurePrograms, currentPool, Program } from './src/wasm/program.ts';
      import { I32 } from './src/wasm/scalars.ts';
      import { span } from './src/wasm/span.ts';
      import { kernelInfo, useKernels } from './src/kernels/use.ts';
      import { heap } from './src/memory/memory.ts';
      const program = new Program('child', (m) => m.func('put', { p: 'i32', ...span }, (f, { p, begin, end, thread }) =>
        f.loop(begin, end, 1, (i) => f.store(p.add(i.shl(2)), i))));
      const put = program.entry('put', { p: 'i32' });
      const p = heap().allocate(4096, 'test');
      ${code}`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', source];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: repository,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { status, stdout, stderr, ms: performance.now() - start };
  };

  it('exits when its own code ends, although workers wait for work', () => {
    const { status, stdout, stderr } = node(`
      configurePrograms({ threads: 3 });
      while (currentPool().started < 2) await new Promise((r) => setTimeout(r, 5));
      put.run({ p }, 1024, 1);
      console.log('done');`);
    expect([status, stdout.trim(), stderr]).toEqual([0, 'done', '']);
  });

  it('uses no processor time while its workers are idle', () => {
    const { status, stdout } = node(`
      configurePrograms({ threads: 3 });
      while (currentPool().started < 2) await new Promise((r) => setTimeout(r, 5));
      put.run({ p }, 1024, 1);
      await new Promise((r) => setTimeout(r, 200));
      const before = process.cpuUsage();
      await new Promise((r) => setTimeout(r, 600));
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / 1000);`);
    expect(status).toBe(0);
    // Two spinning workers would take up to 1200 ms; what is left is the garbage collector's and the compiler's.
    expect(Number(stdout)).toBeLessThan(120);
  });

  it('falls back to one thread where there is no way to worker_threads (Node before 20.16)', () => {
    const { status, stdout, stderr } = node(`
      process.getBuiltinModule = undefined;
      await useKernels('simd', { threads: 4 });
      put.run({ p }, 1024, 1);
      console.log(kernelInfo().threads, new Int32Array(heap().memory.buffer, p, 1024)[1000]);`);
    expect([status, stdout.trim(), stderr]).toEqual([0, '1 1000', '']);
  });
});
