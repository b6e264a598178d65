import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { decodeImage, encodePng, resizeImage } from '../../src/images/index.js';
import {
  type Decision,
  HashList,
  type LearnedPolicy,
  Moderator,
  modelDigest,
  needsReview,
  ReviewStore,
  replay,
  workThrough,
} from '../../src/moderation/index.js';
import { pdqHash, pixelHash } from '../../src/search/index.js';
import { BLUE, colorClassifier, colored, GREEN, RED } from '../../testing/colorClassifier.js';

const classifier = colorClassifier(['weapon', 'safe', 'knife']);
const learned: LearnedPolicy = {
  policy: {
    name: 'colors',
    version: '1',
    labels: { danger: { miss: 9, falseAlarm: 1, classes: ['weapon', 'knife'] } },
    review: { cost: 1, capacity: 1 },
  },
  thresholds: { danger: { review: 0.3, block: 0.9 } },
  expected: { cost: 0, allow: 0, review: 0, block: 0 },
  missRates: {},
  photographs: 0,
};
const moderator = new Moderator(classifier, learned);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-moderator-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('Moderator', () => {
  test('allows, blocks and asks by the sum of the classes of a label', async () => {
    const actions = await Promise.all(
      [GREEN, [255, 0, 255] as const, [255, 255, 0] as const].map(async (color) => {
        const { action, scores } = await moderator.decide('x', colored([color]));
        return [action, scores.danger.toFixed(1)];
      }),
    );
    expect(actions).toEqual([
      ['allow', '0.0'],
      ['block', '1.0'],
      ['review', '0.5'],
    ]);
  });

  test('records what a decision came from', async () => {
    const decision = await moderator.decide('red', colored([RED]));
    expect(decision).toMatchObject({
      item: 'red',
      action: 'block',
      reason: 'thresholds',
      label: 'danger',
      model: modelDigest(classifier),
      policy: { name: 'colors', version: '1' },
      preprocessing: { size: [16, 16] },
    });
    expect(decision.photo).toMatch(/^[0-9a-f]{64}$/);
    expect(modelDigest(colorClassifier(['a', 'b', 'c']))).not.toBe(decision.model);
  });

  test('sends what cannot be read to reviewers', async () => {
    const decision = await moderator.decide('broken', new TextEncoder().encode('no picture'));
    expect(decision).toMatchObject({ action: 'review', reason: 'unreadable', scores: {} });
    expect(needsReview(decision)).toBe(true);
  });

  test('reviews a sample of what is allowed, always the same', async () => {
    const audited = new Moderator(classifier, { ...learned, policy: { ...learned.policy, audit: 0.25 } });
    const green = colored([GREEN], 16);
    const names = Array.from({ length: 120 }, (_, i) => `item ${i}`);
    const reasons = await Promise.all(names.map(async (name) => (await audited.decide(name, green)).reason));
    const count = reasons.filter((reason) => reason === 'audit').length;
    expect(count).toBeGreaterThan(15);
    expect(count).toBeLessThan(45);
    expect((await audited.decide(names[reasons.indexOf('audit')], green)).reason).toBe('audit');
  });

  test('refuses a policy for another classifier', () => {
    const other = colorClassifier(['a', 'b', 'c']);
    expect(() => new Moderator(other, learned)).toThrow(
      "the label 'danger' needs the class 'weapon', but the classifier has a, b, c",
    );
  });
});

/** A picture of large patches of random colors, as PNG: enough structure for a hash. */
async function patches(seed: number): Promise<Uint8Array> {
  const random = new RandomStream(`patches ${seed}`);
  const small = { width: 12, height: 10, data: Uint8Array.from({ length: 360 }, () => random.integer(256)) };
  return encodePng(await resizeImage(small, { width: 300, height: 240 }));
}

describe('HashList', () => {
  test('decides about known pictures first: by their pixels, or nearly the same ones', async () => {
    const bytes = await patches(3);
    const picture = await decodeImage(bytes);
    const smaller = await resizeImage(picture, { width: 200, height: 160 });
    const list = new HashList(
      `# known\n\npdq ${pdqHash(picture).hash} block seen before\npixels ${await pixelHash(smaller)} allow\n`,
    );
    expect(list.size).toBe(2);
    expect(await list.match(picture)).toEqual({ action: 'block', kind: 'pdq', line: 3 });
    expect(await list.match(smaller)).toEqual({ action: 'allow', kind: 'pixels', line: 4 });
    expect(await list.match(await decodeImage(await patches(8)))).toBeUndefined();
    const decision = await new Moderator(classifier, learned, { hashes: list }).decide('known', bytes);
    expect(decision).toMatchObject({ action: 'block', reason: 'hash list', scores: {} });
  });

  test('names the line that makes no sense', () => {
    expect(() => new HashList('pdq 12 block')).toThrow(
      "hash list, line 1: the hash '12' must have 64 hexadecimal digits.",
    );
    expect(() => new HashList('\nmd5 12 block', 'known.txt')).toThrow("known.txt, line 2: 'md5 12 block' must be");
  });
});

describe('replay', () => {
  test('makes decisions again to the bit, and tells what it cannot compare', async () => {
    const store = await ReviewStore.open(join(folder, 'store.db'));
    const files = Object.entries({ red: RED, green: GREEN, mixed: [255, 250, 0] as const, later: BLUE });
    for (const [name, color] of files) writeFileSync(join(folder, `${name}.png`), colored([color]));
    store.add(files.map(([id]) => ({ id, source: join(folder, `${id}.png`) })));
    expect(await workThrough(store, moderator)).toBe(4);
    expect(store.counts()).toMatchObject({ review: 1, decided: 3 });
    writeFileSync(join(folder, 'later.png'), colored([GREEN]));
    const read = async (item: string): Promise<Uint8Array> => readFileSync(store.sourceOf(item) as string);
    const decisions = [...store.decisions()] as Decision[];
    const again = await replay(decisions, moderator, read);
    expect(again).toMatchObject({
      same: 3,
      different: [],
      skipped: [{ item: 'later', reason: 'the file has changed since.' }],
    });
    const [first] = decisions;
    const forged = { ...first, scores: { danger: (first.scores.danger as number) * (1 - 2 ** -52) } };
    expect((await replay([forged], moderator, read)).different).toHaveLength(1);
    store.close();
  });
});
