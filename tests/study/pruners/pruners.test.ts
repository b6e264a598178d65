import { describe, expect, test } from 'vitest';
import {
  ashaPruner,
  hyperbandPruner,
  medianPruner,
  type Pruner,
  Study,
  successiveHalvingPruner,
  type Trial,
  uniform,
} from '../../../src/study/index.js';
import { bracketsOf } from '../../../src/study/pruners/hyperband.js';

const open = (pruner: Pruner, trials?: number) =>
  new Study({ space: { x: uniform(0, 1) }, objectives: { accuracy: 'maximize' }, pruner, trials });
const ask = (study: Study, count: number): Trial[] => Array.from({ length: count }, () => study.ask() as Trial);

test('the median stops a trial below the middle of the others', () => {
  const study = open(medianPruner({ startup: 3 }));
  const trials = ask(study, 6);
  const answers = [0.1, 0.2, 0.3, 0.19, 0.2, 0.5].map((value, i) => study.report(trials[i], 1, value));
  expect(answers).toEqual(['continue', 'continue', 'continue', 'stop', 'continue', 'continue']);
});

test('the median forgives a trial that was better before', () => {
  const study = open(medianPruner({ startup: 3 }));
  const trials = ask(study, 4);
  for (const trial of trials.slice(0, 3)) study.report(trial, 2, 0.5);
  study.report(trials[3], 1, 0.6);
  expect(study.report(trials[3], 2, 0.1)).toBe('continue');
});

test('ASHA lets the best third of those so far pass each rung', () => {
  const study = open(ashaPruner({ least: 1, most: 9 }));
  const trials = ask(study, 7);
  const answers = [0.5, 0.4, 0.6, 0.3, 0.5, 0.9, 0.8].map((value, i) => study.report(trials[i], 1, value));
  expect(answers).toEqual(['continue', 'stop', 'continue', 'stop', 'stop', 'continue', 'continue']);
  // Steps between rungs decide nothing, and the next rung has its own comparison.
  expect([study.report(trials[0], 2, 0), study.report(trials[5], 3, 0.9), study.report(trials[0], 3, 0)]).toEqual([
    'continue',
    'continue',
    'stop',
  ]);
});

test('successive halving pauses a cohort and goes on with its best', () => {
  const study = open(successiveHalvingPruner({ least: 1, most: 4, eta: 2 }), 4);
  const trials = ask(study, 4);
  expect(trials.map(({ until }) => until)).toEqual([1, 1, 1, 1]);
  expect(study.ask()).toBeNull();
  expect(trials.map((trial, i) => study.report(trial, 1, [0.1, 0.4, 0.2, 0.3][i]))).toEqual(Array(4).fill('pause'));
  const second = ask(study, 2);
  expect(second).toMatchObject([
    { number: 1, attempt: 2, until: 2 },
    { number: 3, attempt: 2, until: 2 },
  ]);
  expect(study.isDone).toBe(false);
  study.report(second[0], 2, 0.5);
  study.report(second[1], 2, 0.6);
  const last = study.ask() as Trial;
  expect(last).toMatchObject({ number: 3, attempt: 3, until: 4 });
  expect(study.report(last, 3, 0.7)).toBe('continue');
  study.tell(last, 0.8);
  expect(study.trials.map(({ state }) => state)).toEqual(['pruned', 'pruned', 'pruned', 'done']);
  expect(study.isDone).toBe(true);
});

test('a trial that fails does not keep its cohort waiting', () => {
  const study = open(successiveHalvingPruner({ least: 1, most: 2, eta: 2 }), 2);
  const [first, second] = ask(study, 2);
  expect(study.report(first, 1, 0.1)).toBe('pause');
  study.fail(second, 'out of memory');
  expect(study.ask()).toMatchObject({ number: 0, until: 2 });
});

test('free workers begin the next cohort', () => {
  const study = open(successiveHalvingPruner({ least: 1, most: 2, eta: 2 }));
  const [first] = ask(study, 2);
  study.report(first, 1, 0.1);
  expect(study.ask()).toMatchObject({ number: 2, until: 1 });
});

describe('Hyperband', () => {
  test('has the brackets of the paper for 81 steps and eta 3', () => {
    // Table 1 of Li et al. 2018: n and r of s = 4 to 0.
    expect(bracketsOf(1, 81, 3).map(({ size, rungs }) => [size, ...rungs])).toEqual([
      [81, 1, 3, 9, 27],
      [34, 3, 9, 27],
      [15, 9, 27],
      [8, 27],
      [5],
    ]);
  });

  test('brings every bracket to its end', () => {
    const study = open(hyperbandPruner({ most: 9 }), 17);
    for (let trial = study.ask(); trial !== null; trial = study.ask()) {
      let answer = 'continue';
      const from = (study.trials[trial.number].reports.at(-1)?.step ?? 0) + 1;
      for (let step = from; step <= 9 && answer === 'continue'; step++) {
        answer = study.report(trial, step, (trial.config.x as number) * step);
      }
      if (answer === 'continue') study.tell(trial, trial.config.x as number);
    }
    expect(study.isDone).toBe(true);
    const reached = study.trials.map(({ reports }) => reports.at(-1)?.step);
    // 9 trials, 3 of them to step 3, one to 9; 5, one to 9; 3 to 9.
    expect([1, 3, 9].map((step) => reached.filter((r) => r === step).length)).toEqual([6, 6, 5]);
    expect(study.trials.filter(({ state }) => state === 'done')).toHaveLength(5);
  });
});
