import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/base/random.js';
import { builtLibrary } from '../testing/builtLibrary.js';
import { type QueueServer, servers } from '../testing/queueServers.js';

/*
 * Does a sweep lose or repeat anything when its processes and its server are killed? Runs a sweep in one process, then the same sweep on two workers
 * while one of them, the sweep itself or the server is killed with SIGKILL at random moments, and compares the tables byte by byte.
 *
 *   npx tsx benchmarks/sweepKills.ts --server Redis --kills 20 --trials 64
 *   npx tsx benchmarks/sweepKills.ts --server none        # processes of this machine alone, without a queue
 *   npx tsx benchmarks/sweepKills.ts --config sweep.json  # other trials than the quick ones below, such as trainings
 */
const { values: flags } = parseArgs({
  options: {
    server: { type: 'string', default: 'Redis' },
    kills: { type: 'string', default: '20' },
    trials: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    config: { type: 'string' },
    between: { type: 'string', default: '1.5' },
  },
});
const kills = Number(flags.kills);
const random = new RandomStream(`kills/${flags.seed}`);
const program = join(await builtLibrary(), 'dist/cli.js');

const folder = mkdtempSync(join(tmpdir(), 'stridenet-kills-'));
const config = flags.config === undefined ? quickSweep() : resolve(flags.config);
console.log(`server: ${flags.server}; ${kills} kills; sweep: ${config}`);

const before = performance.now();
await sweep(['sweep', config, '--out', join(folder, 'alone'), '--workers', '1']).ended;
const alone = (performance.now() - before) / 1000;
const quiet = performance.now();
await sweep(['sweep', config, '--out', join(folder, 'two'), '--workers', '2']).ended;
const two = (performance.now() - quiet) / 1000;
console.log(
  `one worker: ${alone.toFixed(1)} s; two workers: ${two.toFixed(1)} s, ${(alone / two).toFixed(2)} times as fast`,
);

const start = flags.server === 'none' ? undefined : servers[flags.server as keyof typeof servers];
if (start === undefined && flags.server !== 'none') throw new Error(`${flags.server} is not installed`);
const server = await start?.();
const out = join(folder, 'killed');
const began = performance.now();
const counts = await meddle(server);
const seconds = (performance.now() - began) / 1000;
await server?.close();

const [expected, found] = ['alone', 'killed'].map((name) => readFileSync(join(folder, name, 'table.json'), 'utf8'));
const isEqual = expected === found;
console.log(
  `killed: ${Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')}; ${seconds.toFixed(1)} s`,
);
console.log(`tables: ${isEqual ? 'equal, byte by byte' : 'DIFFERENT'} (${JSON.parse(found).length} trials)`);
if (isEqual) rmSync(folder, { recursive: true });
else console.log(`see ${folder}`);
process.exit(isEqual ? 0 : 1);

/** Trials of about 0.2 s, with a checkpoint after each step. */
function quickSweep(): string {
  writeFileSync(
    join(folder, 'objective.mjs'),
    `import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
export async function objective({ rate, depth }, { report, signal, folder }) {
  mkdirSync(folder, { recursive: true });
  const path = folder + '/checkpoint.json';
  let { step, loss } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { step: 0, loss: 1 };
  while (step < 5 && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    step++;
    loss *= 1 - rate / depth;
    writeFileSync(path + process.pid, JSON.stringify({ step, loss }));
    renameSync(path + process.pid, path);
    report(step, loss);
  }
  return loss;
}
`,
  );
  const path = join(folder, 'quick.json');
  const space = {
    rate: { type: 'log', low: 0.001, high: 0.5 },
    depth: { type: 'integer', low: 1, high: 8 },
  };
  writeFileSync(
    path,
    JSON.stringify({ space, objective: 'objective.mjs', sampler: 'random', seed: 7, trials: Number(flags.trials) }),
  );
  return path;
}

function sweep(
  args: string[],
  env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    if (code !== 0 && code !== 130 && signal !== 'SIGKILL')
      console.log(`stridenet ${args[0]} ended with ${code}: ${errors.slice(-600)}`);
    return code as number | null;
  });
  return { child, ended };
}

/** Runs the sweep to its end while it is meddled with. */
async function meddle(server: QueueServer | undefined): Promise<Record<string, number>> {
  const counts: Record<string, number> = { sweep: 0, worker: 0, ...(server && { [flags.server]: 0 }) };
  const startSweep = () =>
    sweep(['sweep', config, '--out', out, ...(server ? ['--queue', server.url] : ['--workers', '2'])]);
  const startWorker = () =>
    sweep(['worker', config, '--out', out, '--silence', '2'], { STRIDENET_QUEUE: server?.url ?? '' });
  let main = startSweep();
  const workers = server === undefined ? [] : [startWorker(), startWorker()];
  let isDone = false;
  const watch = (run: typeof main): void => {
    void run.ended.then((code) => {
      if (run === main && code === 0) isDone = true;
    });
  };
  watch(main);
  for (let i = 0; i < kills && !isDone; i++) {
    await sleep(1000 * Number(flags.between) * (0.5 + random.uniform()));
    if (isDone) break;
    const what = Object.keys(counts)[random.integer(Object.keys(counts).length)];
    counts[what]++;
    if (what === 'sweep') {
      main.child.kill('SIGKILL');
      await main.ended;
      main = startSweep();
      watch(main);
    } else if (what === 'worker' && server !== undefined) {
      const k = random.integer(2);
      workers[k].child.kill('SIGKILL');
      await workers[k].ended;
      workers[k] = startWorker();
    } else if (what === 'worker') {
      killChildOf(main.child);
    } else {
      await server?.kill();
      await sleep(1000 * random.uniform());
      await server?.start();
    }
  }
  while (!isDone) {
    const code = await main.ended;
    if (code !== 0 && !isDone) throw new Error(`the sweep ended with ${code}`);
  }
  for (const { child, ended } of workers) {
    child.kill('SIGINT');
    await ended;
  }
  return counts;
}

/** Kills one of the processes that a process has started. */
function killChildOf({ pid }: ChildProcess): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  if (children.length > 0) process.kill(Number(children[random.integer(children.length)]), 'SIGKILL');
}
