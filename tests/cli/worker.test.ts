import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openStudy } from '../../cli/sweep/config.js';
import { sweepRows } from '../../cli/sweep/table.js';
import { memoryJournal } from '../../src/study/index.js';
import { servers } from '../../testing/queueServers.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const config = {
  space: { rate: { type: 'log', low: 0.001, high: 1 }, kind: { type: 'choice', values: ['a', 'b'] } },
  trials: 5,
  sampler: 'random',
  seed: 3,
} as const;
const path = join(folder, 'far.json');
writeFileSync(path, JSON.stringify({ ...config, objective: 'far.mjs' }));
// The first attempt of one trial takes its process with it.
writeFileSync(
  join(folder, 'far.mjs'),
  `export async function objective({ rate, kind }, { report, attempt }) {
  if (attempt === 1 && rate > 0.3) process.kill(process.pid, 'SIGKILL');
  for (let step = 1; step <= 3; step++) report(step, rate / step);
  return rate + (kind === 'a' ? 0 : 1);
}`,
);

describe('stridenet worker', () => {
  test('needs to know where the queue is', { timeout: 60_000 }, async () => {
    const { code, stderr } = await stridenet(['worker', path], { cwd: folder, env: { STRIDENET_QUEUE: '' } });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--queue URL')]);
  });

  test.skipIf(servers.Redis === undefined)(
    'does the trials of a sweep that is killed and started again, though it dies itself',
    { timeout: 240_000 },
    async () => {
      const server = await (servers.Redis as NonNullable<typeof servers.Redis>)();
      try {
        const options = { cwd: folder, timeout: 200_000 };
        let stop = (_: NodeJS.Signals): void => undefined;
        const worker = stridenet(['worker', path, '--silence', '1'], {
          ...options,
          env: { STRIDENET_QUEUE: server.url },
          onOutput: (_, kill) => {
            stop = kill;
          },
        });
        const words = ['sweep', path, '--queue', server.url, '--json'];
        // Killed once a trial is done.
        const killed = await stridenet(words, {
          ...options,
          onOutput: (output, kill) => output.includes('value') && kill('SIGKILL'),
        });
        expect(killed.code).toBeNull();
        const { code, stdout, stderr } = await stridenet(words, options);
        expect([code, stderr]).toEqual([0, expect.stringMatching(/\d trials are in the journal already/)]);

        const alone = openStudy({ ...config, objective: 'x' }, memoryJournal());
        for (let trial = alone.ask(); trial !== null; trial = alone.ask()) {
          const { rate, kind } = trial.config as { rate: number; kind: string };
          for (let step = 1; step <= 3; step++) alone.report(trial, step, rate / step);
          alone.tell(trial, rate + (kind === 'a' ? 0 : 1));
        }
        expect(stdout).toBe(`${JSON.stringify(sweepRows(alone), null, 2)}\n`);
        expect(readFileSync(join(folder, 'runs/far/report.html'), 'utf8')).toContain('5 trials: 5 done');
        stop('SIGINT');
        const ended = await worker;
        expect([ended.code, ended.stderr]).toEqual([
          130,
          expect.stringMatching(/was killed .*another one takes its place/),
        ]);
      } finally {
        await server.close();
      }
    },
  );
});
