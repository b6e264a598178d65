import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kill, reached, startRanks } from './ranks.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-ranks-'));
let reference: Buffer;

async function finish(size: number, run: string): Promise<Buffer> {
  const ranks = await startRanks(size, run);
  const codes = await Promise.all(ranks.map(({ ended }) => ended));
  expect(ranks.map(({ output }, i) => (codes[i] === 0 ? '' : output())).join('')).toBe('');
  return readFileSync(`${run}.end`);
}

beforeAll(async () => {
  reference = await finish(1, join(folder, 'alone'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ranks in processes of their own', () => {
  test('leave the checkpoint of one process', async () => {
    expect(Buffer.compare(await finish(2, join(folder, 'two')), reference)).toBe(0);
  });

  test.each([
    [
      'killed',
      0,
      'SIGKILL',
      /rank 0 \(.*process \d+\) is gone: its connection (closed|failed \(\w+\))\. The last step that all 2 ranks have made is \d+\./,
    ],
    ['killed', 1, 'SIGKILL', /rank 1 \(.*process \d+\) is gone/],
    [
      'stopped',
      1,
      'SIGSTOP',
      /rank 1 \(.*process \d+\) has given no sign of life for \d\.\d seconds\. The last step that all 2 ranks have made is \d+\./,
    ],
  ] as const)(
    'stop within 10 seconds when one is %s (rank %i, %s), and go on to the same bytes',
    async (_, victim, signal, sentence) => {
      const run = join(folder, `${signal}-${victim}`);
      const ranks = await startRanks(2, run, 30);
      await reached(ranks[0], 5);
      const { others } = await kill(ranks, victim, signal);
      for (const { code, said, seconds } of others) {
        expect(said).toMatch(sentence);
        expect(code).toBe(1);
        expect(seconds).toBeLessThan(10);
      }
      expect(Buffer.compare(await finish(2, run), reference)).toBe(0);
    },
  );
});
