import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawPhotos, saveDrawnBackbone } from '../../testing/drawnPhotos.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-search-'));
const photos = join(folder, 'photos');
const model = join(folder, 'model.safetensors');

beforeAll(async () => {
  drawPhotos(photos);
  await saveDrawnBackbone(model);
  copyFileSync(join(photos, 'val/dots/3.png'), join(photos, 'copy.png'));
});

describe('stridenet index and stridenet search', () => {
  test('photographs that cannot be read are named, and the others are in the index', async () => {
    writeFileSync(join(photos, 'broken.jpg'), 'no picture');
    const { code, stdout, stderr } = await stridenet(['index', photos, '--model', model, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ photographs: 69, added: 69, refused: [{ id: 'broken.jpg' }] });
    expect(stderr).toMatch(/left out .*broken\.jpg/);
    expect(code).toBe(1);
  });

  test('only changes are read again', async () => {
    rmSync(join(photos, 'broken.jpg'));
    rmSync(join(photos, 'val/stripes/0.png'));
    const { code, stdout } = await stridenet(['index', photos]);
    expect(stdout).toMatch(/stridenet\.index: 68 photographs \(0 added, 0 updated, 68 unchanged, 1 removed\)/);
    expect(code).toBe(0);
  });

  test('finds identical and similar photographs, as text, JSON, a sheet and a page', async () => {
    const photo = join(photos, 'copy.png');
    const files = ['--sheet', join(folder, 'found.png'), '--page', join(folder, 'found.html')];
    const text = await stridenet(['search', photo, '--index', photos, '--top', '2', ...files]);
    expect(text.stdout).toContain('identical pixels\n  ');
    expect(text.stdout).toContain('val/dots/3.png');
    expect(readFileSync(join(folder, 'found.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(readFileSync(join(folder, 'found.html'), 'utf8')).toContain('<h2>Similar</h2>');
    const json = JSON.parse((await stridenet(['search', photo, '-i', photos, '--json'])).stdout);
    expect(json.identical.map(({ id }: { id: string }) => id).sort()).toEqual(['copy.png', 'val/dots/3.png']);
    expect(json.similar).toHaveLength(10);
  });

  test('mistakes are told in sentences', async () => {
    const none = await stridenet(['search', join(photos, 'copy.png'), '--index', join(folder, 'nothing')]);
    expect(none.stderr).toContain('There is no index');
    const mixed = await stridenet(['index', photos, '--hashes', '--model', model]);
    expect(mixed.stderr).toContain('--hashes makes no vectors: leave out --model, --layer and --components.');
    expect(mixed.code).toBe(2);
  });
});
