import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawn } from '../../testing/drawnPhotos.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-explain-'));
const photo = join(folder, 'photo.png');
writeFileSync(photo, drawn('dots', 1));

test('draws why a photograph is of a class', async () => {
  const args = ['explain', photo, join(folder, 'none.png'), '--class', 'cat', '--out', join(folder, 'why'), '--json'];
  const { stdout, stderr, code } = await stridenet(args);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({ photo, method: 'grad-cam', name: 'cat', index: 3 });
  expect(readFileSync(answer.overlay).subarray(1, 4).toString()).toBe('PNG');
  expect(stderr).toContain('none.png failed');
  expect(code).toBe(1);
});

test('a class or layer that is not there is an error of the command line', async () => {
  const { stderr, code } = await stridenet(['explain', photo, '--class', 'unicorn']);
  expect(stderr).toMatch(/unicorn/);
  expect(code).not.toBe(0);
});
