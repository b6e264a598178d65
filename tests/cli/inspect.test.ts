import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { photoFolder } from '../../testing/photoFolder.js';
import { stridenet } from './run.js';

let folder: Awaited<ReturnType<typeof photoFolder>>;
beforeAll(async () => {
  folder = await photoFolder(['cat/1.png', 'cat/2.png', 'dog/3.png'], { 'dog/4.jpg': 'broken' });
});
afterAll(() => folder.remove());

test('inspect prints what is in a folder, and draws pictures', async () => {
  const out = `${folder.dir}-out`;
  const { code, stdout } = await stridenet(['inspect', folder.dir, '--size', '16', '--out', out]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/4 images\n\nclass +images\ncat +2\ndog +2\nall +4\n/);
  expect(stdout).toMatch(/unreadable +1/);
  expect(stdout).toContain('contact-sheet.png');
  expect(existsSync(join(out, 'mean.png'))).toBe(true);
  rmSync(out, { recursive: true });
});

test('inspect --json prints the report', async () => {
  const { stdout } = await stridenet(['inspect', folder.dir, '--size', '16', '--json']);
  const report = JSON.parse(stdout);
  expect(report.images).toBe(4);
  expect(report.skipped[0].reason).toMatch(/4\.jpg/);
});

test('inspect of no folder is an error', async () => {
  const { code, stderr } = await stridenet(['inspect', join(folder.dir, 'none')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/none is no folder/);
});
