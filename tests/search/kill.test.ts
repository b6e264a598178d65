import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ImageIndex } from '../../src/search/index.js';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('./addUntilKilled.ts', import.meta.url));

/** Adds photographs in another process and kills it once there are `most`, while it writes on. Returns how many it has told of. */
function addUntilKilled(path: string, most: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', tsx, program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told = Number(text.trim().split('\n').at(-1));
    if (told >= most) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('close', () => resolve(told)));
}

test('what was added before a process was killed is there, and the next one goes on', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'stridenet-kill-')), 'photos.index');
  for (const most of [20, 45]) {
    const told = await addUntilKilled(path, most);
    expect(told).toBeGreaterThanOrEqual(most);
    const index = await ImageIndex.open(path);
    expect(index.size).toBeGreaterThanOrEqual(told);
    expect(index.size).toBeLessThanOrEqual(told + 1);
    await index.close();
  }
});
