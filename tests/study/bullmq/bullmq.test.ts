import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, DataError } from '../../../src/base/errors.js';
import { distributeTrials, type RemoteObjective, workOnTrials } from '../../../src/study/bullmq/index.js';
import {
  choice,
  log,
  memoryJournal,
  Study,
  type StudyOptions,
  successiveHalvingPruner,
  uniform,
} from '../../../src/study/index.js';
import { type QueueServer, servers } from '../../../testing/queueServers.js';

const space = { rate: log(0.001, 1), kind: choice(['a', 'b']) };
const scoreOf = (config: Readonly<Record<string, unknown>>): number =>
  (config.rate as number) + (config.kind === 'a' ? 1 : 2);

/** What a study came to, without times and workers. */
const rows = (study: Study): object[] =>
  study.trials.map(({ key, number, config, state, values, reason, reports }) => ({
    ...{ key, number, config, state, values, reason, reports },
  }));

/** The same study in this process alone. */
function alone(options: StudyOptions): Study {
  const study = new Study({ ...options, journal: memoryJournal() });
  for (let trial = study.ask(); trial !== null; trial = study.ask()) {
    let answer = 'continue';
    for (let step = 1; step <= 3 && answer === 'continue'; step++) {
      answer = study.report(trial, step, scoreOf(trial.config) / step);
    }
    if (answer === 'continue') study.tell(trial, scoreOf(trial.config));
  }
  return study;
}

const work: RemoteObjective = async ({ config }, { report, signal }) => {
  for (let step = 1; step <= 3 && !signal.aborted; step++) report(step, scoreOf(config) / step);
  return scoreOf(config);
};

describe.each(['Redis', 'PostgreSQL'] as const)('trials over %s', (kind) => {
  const start = servers[kind];
  if (start === undefined) {
    console.warn(`trials over ${kind} are not tested: it is not installed (apt-get install redis-server postgresql).`);
    test.skip('needs the server', () => undefined);
    return;
  }
  let server: QueueServer;
  let names = 0;
  beforeAll(async () => {
    server = await start();
  }, 60_000);
  afterAll(() => server?.close());

  /** Runs a study with workers in this process; `between` meddles while it runs. */
  async function distribute(
    study: Study,
    objectives: readonly RemoteObjective[],
    options: { ahead?: number; name?: string; between?: () => Promise<void> } = {},
  ): Promise<void> {
    const { name = `study-${names++}`, ahead, between } = options;
    const stop = new AbortController();
    const notes: string[] = [];
    const workers = objectives.map((objective, i) =>
      workOnTrials(objective, {
        ...{ url: server.url, name, worker: `worker-${i}`, silence: 1, signal: stop.signal },
        fingerprint: study.fingerprint,
        onNote: (note) => notes.push(note),
      }),
    );
    try {
      await Promise.all([
        Promise.race([distributeTrials(study, { url: server.url, name, ahead }), Promise.all(workers)]),
        between?.(),
      ]);
    } finally {
      stop.abort();
      await Promise.allSettled(workers);
    }
  }

  test.concurrent('come back as they do in one process', { timeout: 60_000 }, async () => {
    const options: StudyOptions = { space, trials: 12, seed: 3 };
    const study = new Study(options);
    await distribute(study, [work, work]);
    expect(rows(study)).toEqual(rows(alone(options)));
  });

  test.concurrent('pause at rungs, and are asked for again where they may go on', { timeout: 60_000 }, async () => {
    const pruner = successiveHalvingPruner({ least: 1, most: 3, eta: 3, trials: 6 });
    const options: StudyOptions = { space, trials: 6, seed: 5, pruner };
    const study = new Study(options);
    const attempts: number[] = [];
    await distribute(
      study,
      [
        async (trial, context) => {
          attempts.push(trial.attempt);
          return work(trial, context);
        },
      ],
      { ahead: 6 },
    );
    expect(rows(study)).toEqual(rows(alone(options)));
    expect(attempts.filter((attempt) => attempt > 1)).toHaveLength(2);
  });

  test.concurrent('are aborted when the study stops them', { timeout: 60_000 }, async () => {
    const study = new Study({
      ...{ space, trials: 1 },
      pruner: {
        name: 'second',
        settings: {},
        begin: () => ({
          untilOf: () => undefined,
          report: (number, step) => (step < 2 ? [] : [{ number, fate: 'stop' as const }]),
          ended: () => [],
        }),
      },
    });
    let steps = 0;
    await distribute(study, [
      async (_, { report, signal }) => {
        while (!signal.aborted && steps < 500) {
          report(++steps, 1);
          await sleep(20);
        }
        return 1;
      },
    ]);
    expect(steps).toBeLessThan(500);
    expect(study.trials).toMatchObject([{ state: 'pruned', reports: [{ step: 1 }, { step: 2 }] }]);
  });

  test.concurrent('that fail or return nonsense are failed trials', { timeout: 60_000 }, async () => {
    const study = new Study({ space: { place: choice([0, 1, 2, 3]) }, trials: 4, sampler: undefined, seed: 1 });
    await distribute(study, [
      ({ config }) => {
        if (config.place === 0) throw new Error('no memory');
        return [0, Number.NaN, undefined, 7][config.place as number];
      },
    ]);
    const reasons = Object.fromEntries(study.trials.map(({ config, reason }) => [config.place, reason]));
    expect(reasons).toEqual({
      0: 'no memory',
      1: expect.stringContaining('result'),
      2: 'it ended without a result',
      3: undefined,
    });
  });

  test('outlive a server that is killed and starts again', { timeout: 90_000 }, async () => {
    const options: StudyOptions = { space, trials: 10, seed: 9 };
    const study = new Study(options);
    const slow: RemoteObjective = async (trial, context) => {
      await sleep(150);
      return work(trial, context);
    };
    await distribute(study, [slow, slow], {
      between: async () => {
        await sleep(500);
        await server.kill();
        await sleep(700);
        await server.start();
      },
    });
    expect(rows(study)).toEqual(rows(alone(options)));
  });

  test.concurrent('of a study that is opened again are collected, not repeated', { timeout: 60_000 }, async () => {
    const options: StudyOptions = { space, trials: 4, seed: 2, journal: memoryJournal() };
    const name = 'again';
    const signal = AbortSignal.timeout(1500);
    await distributeTrials(new Study(options), { url: server.url, name, ahead: 4, signal });
    // Nobody ran the study while these were done.
    let runs = 0;
    const counted: RemoteObjective = (trial, context) => {
      runs++;
      return work(trial, context);
    };
    await workOnTrials(counted, { url: server.url, name, idle: 1 });
    expect(runs).toBe(4);
    const study = new Study(options);
    await distributeTrials(study, { url: server.url, name });
    expect(rows(study)).toEqual(rows(alone(options)));
    expect(runs).toBe(4);
  });

  test.concurrent('are refused by workers and studies that are not theirs', { timeout: 60_000 }, async () => {
    const name = 'mixed';
    const study = new Study({ space, trials: 1 });
    await distributeTrials(study, { url: server.url, name, signal: AbortSignal.timeout(1500) });
    await expect(workOnTrials(work, { url: server.url, name, fingerprint: 'abc' })).rejects.toThrow(
      `those of study ${study.fingerprint}, but this worker is meant for abc`,
    );
    const other = new Study({ space: { x: uniform(0, 1) }, trials: 1 });
    await expect(distributeTrials(other, { url: server.url, name })).rejects.toThrow(
      /the queue 'mixed' has trials of another study/,
    );
    await distribute(study, [work], { name });
    expect(study.trials).toMatchObject([{ state: 'done', attempt: 1 }]);
  });
});

describe('the address of a queue', () => {
  const study = new Study({ space, trials: 1 });

  test('is that of Redis or PostgreSQL', async () => {
    await expect(distributeTrials(study, { url: 'http://127.0.0.1' })).rejects.toThrow(ArgumentError);
    await expect(workOnTrials(work, { url: 'mysql://127.0.0.1' })).rejects.toThrow(
      /no address of a Redis or PostgreSQL/,
    );
  });

  test.each(['redis', 'postgres'])('without a %s server is an error after the patience is over', async (scheme) => {
    const url = `${scheme}://me:secret@127.0.0.1:9/x`;
    const error = await distributeTrials(study, { url, patience: 1 }).catch((error) => error);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(/127\.0\.0\.1:9\/x has not answered for 1 seconds: .*ECONNREFUSED/);
    expect(error.message).not.toContain('secret');
  });
});
