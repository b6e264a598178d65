import { afterEach, describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { manualSeed, RandomStream, randomState, randomStream, restoreRandomState } from '../../src/base/random.js';

afterEach(() => manualSeed(0));

const draw = (stream: RandomStream, n = 5): number[] => Array.from({ length: n }, () => stream.uniform());

describe('RandomStream', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    expect(draw(new RandomStream('a'))).toEqual(draw(new RandomStream('a')));
    expect(draw(new RandomStream('a'))).not.toEqual(draw(new RandomStream('b')));
  });

  it('goes on from a saved state, also after a trip through JSON', () => {
    const stream = new RandomStream('a');
    draw(stream);
    const state = JSON.parse(JSON.stringify(stream.state));
    const expected = [draw(stream), stream.normal(), stream.bits(), stream.integer(10)];
    const other = new RandomStream('something else');
    other.state = state;
    expect([draw(other), other.normal(), other.bits(), other.integer(10)]).toEqual(expected);
  });

  it('draws evenly from [0, 1) and from whole numbers, normally from normal()', () => {
    const stream = new RandomStream('even');
    const n = 20_000;
    const counts = new Array<number>(10).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const u = stream.uniform();
      expect(u >= 0 && u < 1).toBe(true);
      counts[stream.integer(10)]++;
      const z = stream.normal();
      sum += z;
      squares += z * z;
    }
    // Five standard deviations of a count, of a mean, and of a variance.
    for (const count of counts) expect(Math.abs(count - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });

  it('shuffles in place, every order of three equally often', () => {
    const stream = new RandomStream('cards');
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.shuffle([1, 2, 3]).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt((6000 * 5) / 36));
    const numbers = Int32Array.from({ length: 100 }, (_, i) => i);
    expect(stream.shuffle(numbers)).toBe(numbers);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('named streams', () => {
  it('are restarted by manualSeed and do not disturb each other', () => {
    manualSeed(7);
    const first = draw(randomStream('shuffle'));
    manualSeed(7);
    draw(randomStream('dropout'), 100);
    expect(draw(randomStream('shuffle'))).toEqual(first);
    manualSeed(8);
    expect(draw(randomStream('shuffle'))).not.toEqual(first);
    manualSeed('7');
    expect(draw(randomStream('shuffle'))).toEqual(first);
  });

  it('go on where the last user stopped', () => {
    manualSeed(1);
    const whole = draw(randomStream('init'), 10);
    manualSeed(1);
    expect([...draw(randomStream('init')), ...draw(randomStream('init'))]).toEqual(whole);
  });

  it('return to a saved state, those begun since then to their start', () => {
    manualSeed('run');
    draw(randomStream('shuffle'));
    const state = JSON.parse(JSON.stringify(randomState()));
    const expected = [draw(randomStream('shuffle')), draw(randomStream('augment'))];
    manualSeed('elsewhere');
    draw(randomStream('shuffle'), 3);
    restoreRandomState(state);
    expect([draw(randomStream('shuffle')), draw(randomStream('augment'))]).toEqual(expected);
    expect(randomState().seed).toBe('run');
  });

  it('refuse what is no saved state, and stay where they were', () => {
    manualSeed('run');
    draw(randomStream('shuffle'));
    const before = randomState();
    const bad: unknown[] = [null, {}, { seed: 1, streams: {} }, { seed: '1', streams: null }];
    for (const stream of [null, 1, {}, { c: 1, s0: 0, s1: 0, s2: 1 }, { c: 0.5, s0: 0, s1: 0, s2: 0 }]) {
      bad.push({ seed: '1', streams: { shuffle: stream } });
    }
    for (const state of bad) expect(() => restoreRandomState(state as typeof before)).toThrow(ArgumentError);
    expect(randomState()).toEqual(before);
  });
});
