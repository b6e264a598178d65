import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, FormatError } from '../../src/base/errors.js';
import {
  ashaPruner,
  choice,
  evolutionSampler,
  gridSampler,
  hyperbandPruner,
  integer,
  latinHypercubeSampler,
  log,
  medianPruner,
  memoryJournal,
  type Pruner,
  parameterImportance,
  randomSampler,
  type Sampler,
  Study,
  type StudyOptions,
  sobolSampler,
  successiveHalvingPruner,
  type Trial,
  tpeSampler,
  uniform,
  when,
} from '../../src/study/index.js';

const space = {
  rate: log(1e-4, 1),
  optimizer: choice(['sgd', 'adam']),
  momentum: when({ optimizer: 'sgd' }, uniform(0, 0.99)),
  width: integer(1, 64, { log: true }),
};

const samplers: Record<string, () => Sampler> = {
  random: randomSampler,
  grid: () => gridSampler({ points: 3 }),
  'latin hypercube': () => latinHypercubeSampler({ samples: 4 }),
  sobol: () => sobolSampler(),
  tpe: () => tpeSampler({ startup: 4 }),
  evolution: () => evolutionSampler({ population: 4, tournament: 2 }),
};
const pruners: Record<string, () => Pruner | undefined> = {
  none: () => undefined,
  median: () => medianPruner({ startup: 2 }),
  asha: () => ashaPruner({ most: 4, eta: 2 }),
  'successive halving': () => successiveHalvingPruner({ most: 4, eta: 2 }),
  hyperband: () => hyperbandPruner({ most: 4, eta: 2 }),
};

/** Things that workers do; `pick` chooses among the trials that were handed out. */
const action = fc.record({
  what: fc.constantFrom('ask', 'ask', 'report', 'report', 'tell', 'fail', 'requeue'),
  pick: fc.nat(20),
  value: fc.integer({ min: -9, max: 9 }),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Does them, and keeps what was handed out. */
function perform(study: Study, actions: readonly Action[]): Trial[] {
  const handed: Trial[] = [];
  for (const { what, pick, value } of actions) {
    if (what === 'ask') handed.push(...[study.ask()].filter((trial) => trial !== null));
    const trial = handed[pick % Math.max(1, handed.length)];
    if (trial === undefined) continue;
    if (what === 'report') study.report(trial, 1 + (pick % 4), value);
    if (what === 'tell') study.tell(trial, value);
    if (what === 'fail') study.fail(trial, 'no luck');
    if (what === 'requeue') study.requeue(trial);
  }
  return handed;
}

const all = Object.keys(samplers).flatMap((sampler) =>
  Object.keys(pruners).map((pruner) => [sampler, pruner] as const),
);

describe.each(all)('with the sampler %s and the pruner %s', (sampler, pruner) => {
  const open = (lines: readonly string[] = []) => {
    const journal = memoryJournal(lines);
    const options: StudyOptions = { space, journal, seed: 7, sampler: samplers[sampler](), pruner: pruners[pruner]() };
    return { journal, study: new Study(options) };
  };

  test('every prefix of a journal gives the next line but one that others wrote, and the same next trial each time', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), fc.nat(), (actions, cut) => {
        const whole = open();
        perform(whole.study, actions);
        const { lines } = whole.journal;
        const prefix = lines.slice(0, 1 + (cut % lines.length));
        const next = open(prefix).study.ask();
        expect(open(prefix).study.ask()).toEqual(next);
        // If the line that follows hands out a new trial, it is that one.
        const follows = lines[prefix.length]?.includes('"config"')
          ? JSON.parse(lines[prefix.length].split('\t')[0])
          : null;
        if (follows !== null) expect(next).toMatchObject({ key: follows.key, config: follows.config });
        expect(open(lines).study.trials).toEqual(whole.study.trials);
      }),
      { numRuns: 12 },
    );
  });

  test('whatever is delivered twice counts once', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), fc.array(fc.tuple(fc.nat(), fc.nat())), (actions, doubles) => {
        const once = open();
        perform(once.study, actions);
        const lines = [...once.journal.lines];
        const twice: { line: string; at: number }[] = lines.map((line, at) => ({ line, at }));
        for (const [i, behind] of doubles) {
          const { line, at } = { line: lines[i % lines.length], at: i % lines.length };
          const first = twice.findIndex((each) => each.at === at);
          twice.splice(first + 1 + (behind % (twice.length - first)), 0, { line, at: -1 });
        }
        const { study } = open(twice.map(({ line }) => line));
        expect(study.trials).toEqual(once.study.trials);
        expect(study.ask()).toEqual(open(lines).study.ask());
      }),
      { numRuns: 12 },
    );
  });
});

describe('a study', () => {
  test('hands out each configuration once, and ends when the space is used up', () => {
    const study = new Study({ space: { a: choice(['x', 'y', 'z']), b: integer(1, 4) }, sampler: randomSampler() });
    const seen = new Set<string>();
    for (let trial = study.ask(); trial !== null; trial = study.ask()) {
      seen.add(JSON.stringify(trial.config));
      study.tell(trial, 0);
    }
    expect(seen.size).toBe(12);
    expect([study.isDone, study.trials.length]).toEqual([true, 12]);
  });

  test('takes only the first result of a trial', () => {
    const study = new Study({ space });
    const trial = study.ask() as Trial;
    study.tell(trial, 3);
    study.tell(trial, 1);
    study.fail(trial, 'late');
    expect(study.trials).toMatchObject([{ state: 'done', values: { value: 3 } }]);
  });

  test('hands a given-up trial out again before others, and stops the old attempt', () => {
    const study = new Study({ space });
    const first = study.ask() as Trial;
    study.report(first, 1, 0.5);
    study.requeue(first, 'killed');
    study.requeue(first, 'killed');
    const second = study.ask() as Trial;
    expect(second).toEqual({ ...first, attempt: 2 });
    expect([study.report(first, 2, 0.5), study.report(second, 1, 0.5), study.report(second, 2, 0.5)]).toEqual([
      'stop',
      'continue',
      'continue',
    ]);
  });

  test('gives up attempts without a sign of life', () => {
    let now = 0;
    const study = new Study({ space, clock: () => now });
    const [first, second] = [study.ask() as Trial, study.ask() as Trial];
    now = 9000;
    study.report(second, 1, 1);
    now = 11_000;
    expect(study.requeueSilent(10)).toBe(1);
    expect(study.ask()).toEqual({ ...first, attempt: 2 });
  });

  test('knows the best trial and the Pareto front', () => {
    const study = new Study({
      space: { x: integer(0, 3) },
      objectives: { accuracy: 'maximize', ms: 'minimize' },
      sampler: gridSampler(),
    });
    for (const result of [
      { accuracy: 0.9, ms: 4 },
      { accuracy: 0.8, ms: 2 },
      { accuracy: 0.7, ms: 3 },
      { accuracy: 0.95, ms: 9 },
    ]) {
      study.tell(study.ask() as Trial, result);
    }
    expect(study.paretoFront.map(({ number }) => number)).toEqual([0, 1, 3]);
    expect(study.best?.number).toBe(3);
  });

  test('counts a result that is not finite as a failure', () => {
    const study = new Study({ space });
    study.tell(study.ask() as Trial, Number.NaN);
    expect(study.trials).toMatchObject([{ state: 'failed', reason: 'value is NaN' }]);
    expect(study.best).toBeUndefined();
  });

  test('several writers of one journal share its trials', () => {
    const journal = memoryJournal();
    const [a, b] = [new Study({ space, journal }), new Study({ space, journal })];
    const [first, second] = [a.ask() as Trial, b.ask() as Trial];
    expect(first.key).not.toBe(second.key);
    b.tell(first, 1);
    expect(a.best?.key).toBe(first.key);
  });

  test('finds which parameter matters', () => {
    const study = new Study({ space: { x: uniform(0, 1), y: uniform(0, 1) }, sampler: randomSampler(), trials: 200 });
    for (let trial = study.ask(); trial !== null; trial = study.ask())
      study.tell(trial, (trial.config.x as number) ** 2);
    const { x, y } = parameterImportance(study);
    expect(x).toBeGreaterThan(0.9);
    expect(y).toBeLessThan(0.1);
  });
});

describe('bad input', () => {
  const message = (fn: () => unknown): string => {
    try {
      fn();
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };

  test.each([
    [{}, /^ArgumentError: Study: the space has no parameters, so there is nothing to try/],
    [{ a: choice([]) }, /the parameter 'a' is a choice of no values, so the space has no point/],
    [{ a: uniform(2, 1) }, /'a' goes from 2 to 1, which holds no value/],
    [{ a: log(0, 1) }, /'a' goes from 0 to 1, but a logarithmic one needs numbers above 0/],
    [{ a: integer(0.5, 1) }, /'a' goes from 0.5 to 1, but an integer needs whole numbers/],
    [{ a: choice([1, 1]) }, /'a' is a choice of \[1,1\], but needs different/],
    [{ a: when({ b: 1 }, uniform(0, 1)) }, /'a' depends on 'b', which does not come before it/],
    [{ b: choice([1, 2]), a: when({ b: 3 }, uniform(0, 1)) }, /'a' depends on 'b' being 3, but its values are \[1,2\]/],
    [{ a: { type: 'normal' } as never }, /'a' has the type 'normal', but must be uniform/],
  ])('a space that makes no sense: %j', (space, expected) => {
    expect(message(() => new Study({ space }))).toMatch(expected);
  });

  test('a journal that is damaged in the middle is an error with the line', () => {
    const journal = memoryJournal();
    const study = new Study({ space, journal });
    for (let i = 0; i < 5; i++) study.tell(study.ask() as Trial, i);
    const damaged = journal.lines.map((line, i) => (i === 4 ? line.replace('"values":[1]', '"values":[7]') : line));
    expect(damaged).not.toEqual(journal.lines);
    const open = () => new Study({ space, journal: memoryJournal(damaged) });
    expect(open).toThrow(FormatError);
    expect(message(open)).toMatch(
      /line 5 of the journal in memory is damaged: its checksum is \w+, but \w+ was written/,
    );
  });

  test('two studies of one journal', () => {
    const journal = memoryJournal();
    new Study({ space, journal });
    const open = () => new Study({ space: { rate: log(1e-4, 2) }, journal });
    expect(open).toThrow(DataError);
    expect(message(open)).toMatch(/belongs to another study: its space is .*"high":1.*, not .*"high":2/);
    expect(message(() => new Study({ space, journal, seed: 1 }))).toMatch(/its seed is "0", not "1"/);
  });

  test('a worker of another version', () => {
    const journal = memoryJournal();
    new Study({ space, journal });
    const [json] = journal.lines[0].replace('"version":1', '"version":9').split('\t');
    const open = () => new Study({ space, journal: memoryJournal([`${json}\t${crc(json)}`]) });
    expect(message(open)).toMatch(/written by another version, with format 9 instead of 1/);
  });

  test('a trial of another study, and results that do not fit', () => {
    const study = new Study({ space, objectives: { accuracy: 'maximize', ms: 'minimize' } });
    const trial = study.ask() as Trial;
    expect(() => study.tell({ key: 'abc' }, { accuracy: 1, ms: 1 })).toThrow(ArgumentError);
    expect(message(() => study.tell({ key: 'abc' }, { accuracy: 1, ms: 1 }))).toMatch(/there is no trial 'abc'/);
    expect(message(() => study.tell(trial, 1))).toMatch(
      /the result is the number 1, but must be an object { accuracy, ms }/,
    );
    expect(message(() => study.tell(trial, { accuracy: 1 }))).toMatch(/the result has no number for 'ms'/);
    expect(message(() => study.tell(trial, { accuracy: 1, ms: 1, size: 1 }))).toMatch(
      /has 'size', which is no objective/,
    );
    expect(message(() => study.report(trial, 0.5, 1))).toMatch(/step is 0.5, but must be a whole number/);
  });
});

function crc(text: string): string {
  let c = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return (~c >>> 0).toString(16).padStart(8, '0');
}
