import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { ashaPruner, log, memoryJournal, Study, type Trial, tpeSampler, uniform } from '../../src/study/index.js';
import { simulateWorkers } from '../../testing/simulateWorkers.js';

const space = { rate: log(1e-4, 1), momentum: uniform(0, 1) };
const trials = Number(process.env.STRIDENET_TRIALS ?? 1000);
const workers = Math.ceil(trials / 10);

describe(`${workers} workers and ${trials} trials, of which one attempt in ten dies`, () => {
  const journal = memoryJournal();
  const open = () =>
    new Study({
      space,
      journal,
      trials,
      sampler: tpeSampler(),
      pruner: ashaPruner({ most: 9 }),
      objectives: { accuracy: 'maximize' },
    });
  const accuracy = ({ config }: Trial, step: number): number =>
    (1 - Math.abs(Math.log10(config.rate as number) + 2) / 4) * (1 - 1 / (1 + step));
  const before = process.cpuUsage();
  const study = open();
  const { attempts, deaths } = simulateWorkers(study, {
    workers,
    steps: 9,
    death: 0.1,
    value: accuracy,
    random: new RandomStream('simulation'),
  });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  console.log(`${attempts} attempts, ${deaths} deaths: ${seconds.toFixed(1)} s of processor time`);

  test('no trial is lost, and none counts twice', () => {
    expect(deaths).toBeGreaterThan(0.09 * attempts);
    expect(study.isDone).toBe(true);
    expect(study.trials).toHaveLength(trials);
    expect(new Set(study.trials.map(({ key }) => key)).size).toBe(trials);
    expect(study.trials.filter(({ state }) => state !== 'done' && state !== 'pruned')).toEqual([]);
    const results = journal.lines.filter((line) => line.startsWith('{"type":"result"'));
    expect(results).toHaveLength(study.trials.filter(({ state }) => state === 'done').length);
  });

  test('all of it is in the journal', () => {
    expect(open().trials).toEqual(study.trials);
  });

  test('it takes at most 6 milliseconds of processor time per trial', () => {
    expect(seconds).toBeLessThan(0.006 * trials + 3);
  });
});
