import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineSchedule, oneCycleSchedule, triangularSchedule } from '../../src/optim/cyclicSchedules.js';
import { ReduceOnPlateau, type ReduceOnPlateauOptions } from '../../src/optim/reduceOnPlateau.js';
import {
  constantSchedule,
  exponentialSchedule,
  multistepSchedule,
  piecewiseLinearSchedule,
  polynomialSchedule,
  type Schedule,
  stepSchedule,
  warmup,
} from '../../src/optim/schedules.js';
import { expectClose } from '../../testing/tolerance.js';

interface Golden {
  schedules: Record<string, number[]>;
  metrics: number[];
  plateau: Record<string, number[]>;
}

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/optimizers.json', import.meta.url), 'utf8'));

const first = (schedule: Schedule, n: number): number[] => Array.from({ length: n }, (_, t) => schedule(t));

describe('worked by hand', () => {
  it('constant', () => expect(first(constantSchedule(3), 3)).toEqual([3, 3, 3]));
  it('step: halved every 2', () =>
    expect(first(stepSchedule(8, { stepSize: 2, gamma: 0.5 }), 6)).toEqual([8, 8, 4, 4, 2, 2]));
  it('multistep: halved at 1 and 4, in any order', () =>
    expect(first(multistepSchedule(8, { milestones: [4, 1], gamma: 0.5 }), 6)).toEqual([8, 4, 4, 4, 2, 2]));
  it('exponential: halved each step', () =>
    expect(first(exponentialSchedule(8, { gamma: 0.5 }), 4)).toEqual([8, 4, 2, 1]));
  it('polynomial of power 2, which stays at its end', () =>
    expect(first(polynomialSchedule(16, { steps: 4, power: 2 }), 6)).toEqual([16, 9, 4, 1, 0, 0]));
  it('polynomial above a minimum', () =>
    expect(first(polynomialSchedule(5, { steps: 4, minimum: 1 }), 6)).toEqual([5, 4, 3, 2, 1, 1]));
  it('piecewise linear, constant outside its points', () => {
    const schedule = piecewiseLinearSchedule([
      [1, 0],
      [3, 4],
      [7, 0],
    ]);
    expect(first(schedule, 9)).toEqual([0, 0, 2, 4, 3, 2, 1, 0, 0]);
  });
  it('triangular: up in 2, down in 4, again', () =>
    expect(first(triangularSchedule(1, 5, { stepsUp: 2, stepsDown: 4 }), 8)).toEqual([1, 3, 5, 4, 3, 2, 1, 3]));
  it('warm-up in 4 steps from 0, then the schedule from its start', () =>
    expect(first(warmup(exponentialSchedule(8, { gamma: 0.5 }), 4, { startFactor: 0 }), 7)).toEqual([
      0, 2, 4, 6, 8, 4, 2,
    ]));
  it('a cosine is half way down in the middle, and stays at its minimum', () => {
    const schedule = cosineSchedule(4, { steps: 10, minimum: 2 });
    expectClose([0, 5, 10, 15, 1000].map(schedule), [4, 3, 2, 2, 2], 1e-12);
  });
  it('one cycle ends where it should and stays there', () => {
    const schedule = oneCycleSchedule(8, { steps: 11, pctStart: 0.5, divFactor: 4, finalDivFactor: 2 });
    expectClose([0, 4.5, 10, 50].map(schedule), [2, 8, 1, 1], 1e-12);
    expect(oneCycleSchedule(8, { steps: 1 })(0)).toBeLessThan(1);
  });
});

describe('as PyTorch', () => {
  const schedules: Record<string, Schedule> = {
    step: stepSchedule(0.1, { stepSize: 7, gamma: 0.5 }),
    multistep: multistepSchedule(0.1, { milestones: [5, 6, 30] }),
    exponential: exponentialSchedule(0.1, { gamma: 0.9 }),
    polynomial: polynomialSchedule(0.1, { steps: 30, power: 2 }),
    cosine: cosineSchedule(0.1, { steps: 39, minimum: 0.01 }),
    restarts: cosineSchedule(0.1, { steps: 10, minimum: 0.01, restartMultiplier: 1 }),
    doubling: cosineSchedule(0.1, { steps: 5, minimum: 0.01, restartMultiplier: 2 }),
    oneCycle: oneCycleSchedule(0.4, { steps: 40 }),
    oneCycleLinear: oneCycleSchedule(0.4, {
      steps: 40,
      pctStart: 0.25,
      annealStrategy: 'linear',
      divFactor: 10,
      finalDivFactor: 100,
    }),
    triangular: triangularSchedule(0.01, 0.1, { stepsUp: 6, stepsDown: 9 }),
    warmup: warmup(exponentialSchedule(0.1, { gamma: 0.9 }), 5),
  };

  it('every schedule with golden values is here', () => {
    expect(Object.keys(schedules)).toEqual(Object.keys(golden.schedules));
  });

  it.each(Object.keys(golden.schedules))('%s', (name) => {
    const rates = golden.schedules[name];
    // PyTorch multiplies step by step, in doubles: 40 roundings of 2^-53, a few operations each.
    expectClose(first(schedules[name], rates.length), rates, 400 * 2 ** -53, name);
  });

  it.each<[string, ReduceOnPlateauOptions]>([
    ['relative', {}],
    ['absolute', { thresholdMode: 'absolute', cooldown: 3, minimum: 0.02 }],
    ['max', { mode: 'max' }],
  ])('reduce on plateau, %s', (name, options) => {
    const plateau = new ReduceOnPlateau(0.1, { factor: 0.5, patience: 2, threshold: 0.01, ...options });
    expectClose(
      golden.metrics.map((metric) => plateau.update(metric)),
      golden.plateau[name],
      1e-15,
      name,
    );
  });
});

describe('reduce on plateau', () => {
  it('reduces after more than `patience` updates without progress', () => {
    const plateau = new ReduceOnPlateau(8, { factor: 0.5, patience: 1 });
    expect([5, 5, 5, 5, 5, 4, 4].map((metric) => plateau.update(metric))).toEqual([8, 8, 4, 4, 2, 2, 2]);
  });

  it('counts NaN as no progress, also at the start', () => {
    const plateau = new ReduceOnPlateau(8, { factor: 0.5, patience: 1 });
    expect([Number.NaN, Number.NaN, 3, Number.NaN].map((metric) => plateau.update(metric))).toEqual([8, 4, 4, 4]);
    expect(plateau.state.best).toBe(3);
  });

  it('never raises a rate that is below the minimum', () => {
    const plateau = new ReduceOnPlateau(0.001, { patience: 0, minimum: 0.01 });
    expect([1, 1, 1].map((metric) => plateau.update(metric))).toEqual([0.001, 0.001, 0.001]);
  });

  it('goes on from a saved state as if it had not stopped', () => {
    const metric = fc.double({ min: 0, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.array(metric, { minLength: 2, maxLength: 40 }), fc.nat(39), (metrics, stop) => {
        const options = { patience: 1, cooldown: 2, factor: 0.5 };
        const whole = new ReduceOnPlateau(1, options);
        let part = new ReduceOnPlateau(1, options);
        metrics.forEach((value, t) => {
          if (t === stop) {
            const state = JSON.parse(JSON.stringify(part.state));
            part = new ReduceOnPlateau(99, options);
            part.state = state;
          }
          expect(part.update(value)).toBe(whole.update(value));
        });
      }),
    );
  });
});

describe('schedules depend on the step alone', () => {
  it('asked twice, in any order, they answer the same', () => {
    const schedule = warmup(cosineSchedule(1, { steps: 7, restartMultiplier: 2 }), 3);
    const forwards = first(schedule, 50);
    const backwards = Array.from({ length: 50 }, (_, i) => schedule(49 - i)).reverse();
    expect(backwards).toEqual(forwards);
  });
});

describe('bad options get a sentence', () => {
  it.each([
    [() => constantSchedule(-1), 'constantSchedule: learningRate is -1, but must be >= 0 and finite.'],
    [() => stepSchedule(1, { stepSize: 0 }), 'stepSchedule: stepSize is 0, but must be a whole number >= 1.'],
    [
      () => multistepSchedule(1, { milestones: [1.5] }),
      'multistepSchedule: a milestone is 1.5, but must be a whole number >= 0.',
    ],
    [() => exponentialSchedule(1, { gamma: -1 }), 'exponentialSchedule: gamma is -1'],
    [() => polynomialSchedule(1, { steps: 0 }), 'polynomialSchedule: steps is 0'],
    [() => cosineSchedule(1, { steps: 2.5 }), 'cosineSchedule: steps is 2.5'],
    [
      () => cosineSchedule(1, { steps: 2, restartMultiplier: 0 }),
      'cosineSchedule: restartMultiplier is 0, but must be a whole number >= 1.',
    ],
    [
      () => oneCycleSchedule(1, { steps: 9, pctStart: 2 }),
      'oneCycleSchedule: pctStart is 2, but must be >= 0 and <= 1.',
    ],
    [
      () => oneCycleSchedule(1, { steps: 9, annealStrategy: 'cos' as 'cosine' }),
      "oneCycleSchedule: annealStrategy is 'cos', but must be 'cosine' or 'linear'.",
    ],
    [() => triangularSchedule(2, 1, { stepsUp: 1 }), 'triangularSchedule: high is 1, but must be >= 2 and finite.'],
    [() => piecewiseLinearSchedule([]), 'piecewiseLinearSchedule: there are no points. Pass at least one.'],
    [
      () =>
        piecewiseLinearSchedule([
          [3, 1],
          [3, 2],
        ]),
      'piecewiseLinearSchedule: point 1 is at step 3, not after point 0 at 3.',
    ],
    [() => warmup(constantSchedule(1), -1), 'warmup: steps is -1, but must be a whole number >= 0.'],
    [() => new ReduceOnPlateau(1, { factor: 1 }), 'ReduceOnPlateau: factor is 1, but must be >= 0 and < 1.'],
    [
      () => new ReduceOnPlateau(1, { mode: 'low' as 'min' }),
      "ReduceOnPlateau: mode is 'low', but must be 'min' or 'max'.",
    ],
    [
      () => new ReduceOnPlateau(1, { thresholdMode: 'rel' as 'relative' }),
      "ReduceOnPlateau: thresholdMode is 'rel', but must be 'relative' or 'absolute'.",
    ],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
