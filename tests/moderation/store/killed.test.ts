import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ReviewStore } from '../../../src/moderation/index.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('../../../testing/moderationWorker.ts', import.meta.url));
const ITEMS = 600;

test('items survive workers that are killed at any moment: none is lost, and none is decided twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stridenet-killed-'));
  const path = join(folder, 'store.db');
  const store = await ReviewStore.open(path);
  // Sources that can't be read count as empty files: what is tested here is the store.
  store.add(Array.from({ length: ITEMS }, (_, i) => ({ id: `item ${i}`, source: join(folder, 'none') })));
  let left = 1;
  const work = (kill: boolean): Promise<void> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['--import', tsx, program, path, '25', '0.2'], { stdio: 'inherit' });
      const watch = setInterval(() => {
        const isAtWork = store.counts().decided > ITEMS / 4;
        if (kill && isAtWork) child.kill('SIGKILL');
      }, 50);
      child.on('exit', (code) => {
        clearInterval(watch);
        if (code === 0) return resolve();
        left--;
        resolve(work(left > 0));
      });
    });
  await Promise.all([work(true), work(false)]);
  expect(left).toBe(0);
  expect(store.counts()).toMatchObject({ waiting: 0, working: 0 });
  const decided = [...store.decisions()].map(({ item }) => item);
  expect(decided).toHaveLength(ITEMS);
  expect(new Set(decided).size).toBe(ITEMS);
  expect(store.problem()).toBeUndefined();
  store.close();
  rmSync(folder, { recursive: true });
}, 60_000);
