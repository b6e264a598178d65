import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import { formatDuration, formatMegabytes } from '../../src/node/amounts.js';
import { progressBar } from '../../src/node/progressBar.js';
import { SGD } from '../../src/optim/sgd.js';
import { type FitOptions, fit } from '../../src/train/fit.js';
import type { TrainingRun } from '../../src/train/run.js';
import { halves, tinyNet } from '../train/problems.js';

beforeEach(() => manualSeed(7));

/** Trains with a bar on a stream that is a terminal or not; what it drew, and what it printed. */
async function shown(isTTY: boolean, options: Partial<FitOptions> = {}): Promise<{ drawn: string; lines: string[] }> {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 }) as unknown as NodeJS.WriteStream &
    PassThrough;
  const lines: string[] = [];
  const model = tinyNet();
  const bar = progressBar({ stream, print: (line) => lines.push(line) });
  await fit(model, {
    train: new DataLoader(halves(64), { batchSize: 16 }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
    epochs: 10,
    ...options,
    callbacks: [bar, ...(options.callbacks ?? [])],
  }).catch(() => undefined);
  let drawn = '';
  // From Node 26 on, read() gives what one write wrote.
  for (let piece = stream.read(); piece !== null; piece = stream.read()) drawn += String(piece);
  return { drawn, lines };
}

const validation = new DataLoader(halves(32, 1), { batchSize: 32 });

describe('progressBar', () => {
  test('prints a line an epoch and draws nothing where there is no terminal', async () => {
    const { drawn, lines } = await shown(false, { validation });
    expect(drawn).toBe('');
    expect(lines).toHaveLength(10);
    expect(lines[1]).toMatch(
      /^epoch {2}2\/10 {2}loss \d\.\d{4} {2}accuracy \d+\.\d\d % {2}validation loss \d\.\d{4} {2}validation accuracy \d+\.\d\d % {2}\d+ images\/s {2}\d:\d\d {2}\d+ MB {2}\d:\d\d left$/,
    );
    expect(lines[9]).toMatch(/MB$/);
  });

  test('draws on a terminal what a run is like, and leaves the terminal as it was', async () => {
    const { drawn, lines } = await shown(true, { epochs: 1, validation });
    expect(drawn).toContain('epoch 1/1');
    expect(drawn).toMatch(
      /█{30} 100 % {2}validating {2}loss \d\.\d{3} {2}accuracy \d+\.\d % {2}\d+ images\/s {2}\d+ MB/,
    );
    // The cursor is shown again, and lines wrap.
    expect(drawn.lastIndexOf('\x1b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\x1b[?25l'));
    expect(drawn.lastIndexOf('\x1b[?7h')).toBeGreaterThan(drawn.lastIndexOf('\x1b[?7l'));
    expect(lines).toHaveLength(1);
  });

  test('leaves the terminal as it was after an error, and after a stop in the middle of an epoch', async () => {
    const failing = () => {
      throw new Error('full');
    };
    const stops: FitOptions['callbacks'][] = [[{ onStep: failing }], [{ onStep: (run) => run.stop() }]];
    for (const callbacks of stops) {
      const { drawn, lines } = await shown(true, { callbacks });
      expect(drawn.lastIndexOf('\x1b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\x1b[?25l'));
      expect(lines).toEqual([]);
    }
  });

  test('knows of a time budget: the epochs have no total', async () => {
    const { lines } = await shown(false, { timeBudget: 0.02 });
    expect(lines[0]).toMatch(/^epoch 1 {2}loss/);
  });

  test('shows lines alone when the number of batches is not known', async () => {
    const loader = new DataLoader(halves(32), { batchSize: 16 });
    const { drawn, lines } = await shown(true, {
      epochs: 2,
      train: { [Symbol.iterator]: () => loader[Symbol.iterator]() },
    });
    expect(drawn).toBe('');
    expect(lines).toHaveLength(2);
  });
});

describe('the time left', () => {
  /** Of four epochs of 100 s for each unit of work the first is over: the line that is printed then. */
  function lineAfterOne(epochWork?: number[]): string {
    const clock = { seconds: 0 };
    const options = { epochs: 4, train: { length: 10 } };
    const state = { clock, options, progress: 0 };
    const run = state as unknown as TrainingRun;
    let line = '';
    const bar = progressBar({ stream: new PassThrough(), print: (text) => void (line = text), epochWork });
    bar.onTrainStart?.(run);
    clock.seconds = 100;
    state.progress = 0.25;
    const record = { epoch: 1, step: 10, loss: 1, accuracy: 0.5, learningRate: 0.1, seconds: 100 };
    bar.onEpochEnd?.(run, record);
    return line;
  }

  test('goes by the speed so far, all epochs alike', () => {
    expect(lineAfterOne()).toMatch(/ 5:00 left$/);
  });

  test('weighs epochs that differ, the last number for those after it', () => {
    // 100 s a unit: 2 + 4 + 4 units remain.
    expect(lineAfterOne([1, 2, 4])).toMatch(/ 16:40 left$/);
  });

  test.each([[[]], [[1, 0]], [[1, Number.NaN]]])('refuses work of [%s]', (epochWork) => {
    expect(() => progressBar({ epochWork })).toThrow(`epochWork is [${epochWork.join(', ')}], but must be numbers > 0`);
  });
});

test('refuses an option that there is not', () => {
  expect(() => progressBar({ steam: process.stdout } as object)).toThrow("Did you mean 'stream'?");
});

describe('formatDuration', () => {
  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [750, '12:30'],
    [3723, '1:02:03'],
    [Number.NaN, '-'],
    [Infinity, '-'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('formatMegabytes', () => {
  it.each([
    [412_300_000, '412 MB'],
    [999_400_000, '999 MB'],
    [999_600_000, '1.0 GB'],
    [1_840_000_000, '1.8 GB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatMegabytes(bytes)).toBe(text);
  });
});
