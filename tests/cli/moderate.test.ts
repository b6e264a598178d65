import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { colorClassifier, colored } from '../../testing/colorClassifier.js';
import { stridenetHere } from './inProcess.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-moderate-'));
const model = join(folder, 'colors.onnx');
const policy = join(folder, 'policy.json');
const learned = join(folder, 'policy.learned.json');
const store = join(folder, 'store.db');

beforeAll(async () => {
  await colorClassifier(['weapon', 'flower', 'sky']).save(model);
  writeFileSync(
    policy,
    JSON.stringify({
      name: 'test',
      version: '1',
      labels: { weapon: { miss: 20, falseAlarm: 5 } },
      review: { cost: 1, capacity: 0.5 },
    }),
  );
  // From red to green: photographs in the middle are of either kind.
  for (let i = 0; i < 48; i++) {
    const red = 105 + 4 * (i % 12);
    const name = red + (i % 5) * 6 > 138 ? 'weapon' : 'flower';
    mkdirSync(join(folder, 'labeled', name), { recursive: true });
    writeFileSync(join(folder, 'labeled', name, `${i}.png`), colored([[red, 255 - red, 0]], 16));
  }
  mkdirSync(join(folder, 'uploads'));
  for (const [name, color] of Object.entries({ bad: [255, 0, 0], good: [0, 255, 0], odd: [128, 127, 0] } as const)) {
    writeFileSync(join(folder, 'uploads', `${name}.png`), colored([color], 16));
  }
});

describe('stridenet moderate', () => {
  test('learns thresholds, decides, and shows that its records are whole', async () => {
    const made = await stridenetHere([
      'moderate',
      '--learn',
      join(folder, 'labeled'),
      '--policy',
      policy,
      '--model',
      model,
    ]);
    expect(made.stdout).toMatch(
      /^weapon: review from 0\.\d+, block from .*; \d of \d+ missed, at most \d+\.\d % with 99\.0 % confidence\nexpected: /,
    );
    const how = ['--policy', learned, '--model', model, '--store', store];
    const decided = await stridenetHere(['moderate', join(folder, 'uploads'), ...how]);
    expect(decided.stdout).toMatch(
      /block {2}\S*bad\.png \(weapon 1\.000\)\nallow {2}\S*good\.png\nreview \S*odd\.png \(weapon 0\.\d+\)/,
    );
    expect(decided.stderr).toContain('1 allowed, 1 blocked, 1 to review; 1 wait for reviewers');
    const again = await stridenetHere(['moderate', join(folder, 'uploads'), ...how]);
    expect(again.stderr).toContain('3 of 3 photographs are in');
    const verified = await stridenetHere(['moderate', '--verify', '--store', store]);
    expect(verified.stdout).toMatch(/^whole: the head is [0-9a-f]{64}\n$/);
    const replayed = await stridenetHere(['moderate', '--replay', ...how]);
    expect(replayed.stdout).toBe("3 decisions came out the same to the bit, 0 differently, 0 can't be compared.\n");
  });

  test('refuses what makes no sense, in sentences', async () => {
    const said = async (...args: string[]): Promise<string> => (await stridenetHere(['moderate', ...args])).stderr;
    expect(await said()).toContain(
      'Name PHOTOS to decide about, or pass --learn, --work, --review, --verify or --replay.',
    );
    expect(await said('--review', '--verify')).toContain('--review and --verify exclude each other.');
    expect(await said('--work')).toContain('--work needs a queue: --queue URL.');
    expect(await said('--work', '--queue', 'ftp://x', '--policy', policy)).toContain('has no thresholds');
    expect(await said(folder, '--policy', policy)).toContain('has no thresholds. Learn them first');
    expect(await said('--verify', '--store', join(folder, 'none'))).toContain('There is no store');
    writeFileSync(join(folder, 'odd.json'), JSON.stringify({ ...JSON.parse(readFileSync(policy, 'utf8')), adit: 1 }));
    expect(await said('--learn', folder, '--policy', join(folder, 'odd.json'))).toContain("Did you mean 'audit'?");
  });
});
