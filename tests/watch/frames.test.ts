import { describe, expect, test } from 'vitest';
import { classifyFrames, type FrameResult, type LabelEvent, LabelEvents } from '../../src/watch/index.js';
import { BLUE, colorClassifier, GREEN, RED } from '../../testing/colorClassifier.js';

const classifier = colorClassifier(['dog', 'bicycle', 'cat']);
const SIZE = { width: 16, height: 16 };

const frame = ([r, g, b]: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: 768 }, (_, i) => [r, g, b][i % 3]);

/** Frames in pieces that don't end where frames do. */
function* pieces(colors: readonly (readonly number[])[], size = 500): Generator<Uint8Array> {
  const all = Buffer.concat(colors.map(frame));
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

async function collect(colors: readonly (readonly number[])[], options: object = {}): Promise<FrameResult[]> {
  const results: FrameResult[] = [];
  for await (const result of classifyFrames(pieces(colors), classifier, { ...SIZE, framesPerSecond: 10, ...options })) {
    results.push(result);
  }
  return results;
}

const told = (results: readonly { events: readonly LabelEvent[] }[]): string[] =>
  results.flatMap(({ events }) => events.map(({ kind, label, time }) => `${kind} ${label} ${time.toFixed(1)}`));

describe('classifyFrames', () => {
  test('classifies frames that come in pieces of any size', async () => {
    const results = await collect([RED, GREEN, BLUE], { smoothing: 0 });
    expect(results.slice(0, 3).map(({ frame: n, time, label }) => `${n} ${time} ${label}`)).toEqual([
      '0 0 dog',
      '1 0.1 bicycle',
      '2 0.2 cat',
    ]);
  });

  test('tells when labels begin and end, and passes over a flash', async () => {
    const scene = [...Array(10).fill(RED), GREEN, ...Array(10).fill(RED), ...Array(20).fill(BLUE)];
    // Blue begins at 2.1 s. What is left of red is exp(-1/3) = 0.72, 0.51, 0.37 of 1, and blue has 0.28, 0.49, 0.63, 0.74.
    expect(told(await collect(scene, { smoothing: 0.3 }))).toEqual([
      'begin dog 0.2',
      'end dog 2.2',
      'begin cat 2.6',
      'end cat 4.0',
    ]);
    expect(told(await collect(scene, { smoothing: 0, shortest: 0 }))).toContain('begin bicycle 1.0');
  });

  test('looks at every so many-th frame', async () => {
    const results = await collect(Array(10).fill(RED), { every: 4 });
    expect([...new Set(results.map(({ frame: n }) => n))]).toEqual([0, 4, 8, 9]);
  });

  test('refuses a stream that ends within a frame, and options out of range', async () => {
    const cut = async (): Promise<void> => {
      for await (const _ of classifyFrames([new Uint8Array(700)], classifier, SIZE))
        throw new Error('no frame is whole');
    };
    await expect(cut()).rejects.toThrow('the stream ended 700 bytes into a frame of 768 (16 x 16, RGB).');
    expect(() => classifyFrames([], classifier, { ...SIZE, width: 0 })).toThrow('width');
    expect(() => classifyFrames([], classifier, { ...SIZE, enter: 0.3, exit: 0.5 })).toThrow('enter is 0.3, exit 0.5');
    expect(() => classifyFrames([], classifier, { ...SIZE, smoothing: -1 })).toThrow('smoothing -1');
  });
});

describe('LabelEvents', () => {
  test('keeps a label that wavers between both thresholds', () => {
    const events = new LabelEvents(['a'], { enter: 0.7, exit: 0.4, shortest: 0 });
    const all = [0.9, 0.5, 0.6, 0.5, 0.3, 0.65].flatMap((p, i) => events.at(i, [p]));
    expect(all).toEqual([
      { kind: 'begin', label: 'a', time: 0, from: 0, peak: 0.9 },
      { kind: 'end', label: 'a', time: 3, from: 0, peak: 0.9 },
    ]);
  });
});
