import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawPhotos, saveDrawnBackbone } from '../../testing/drawnPhotos.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-photographs-'));
const photos = join(folder, 'photos');
const backbone = join(folder, 'backbone.safetensors');
const model = join(folder, 'out/classifier.safetensors');

beforeAll(async () => {
  drawPhotos(photos);
  await saveDrawnBackbone(backbone);
});

describe('stridenet train FOLDER', () => {
  test('trains on photographs and leaves a classifier and a report', async () => {
    const { code, stdout } = await stridenet(['train', photos, '--backbone', backbone, '--out', join(folder, 'out')]);
    expect(stdout).toContain("measured on 'val' photographs:\n20 photographs: accuracy ");
    expect(code).toBe(0);
    expect(existsSync(model)).toBe(true);
    expect(readFileSync(join(folder, 'out/report.html'), 'utf8')).toContain('<h1>photos: training report</h1>');
  });

  test('goes on from the features that are there, and says when there are none', async () => {
    const again = ['train', photos, '--backbone', backbone, '--resume', '--out'];
    expect((await stridenet([...again, join(folder, 'out')])).code).toBe(0);
    const { code, stderr } = await stridenet([...again, join(folder, 'elsewhere')]);
    expect(stderr).toContain('holds nothing of an earlier run');
    expect(code).toBe(1);
  });

  test('refuses flags of CIFAR-10', async () => {
    const { code, stderr } = await stridenet(['train', photos, '--limit', '5']);
    expect(stderr).toContain('--limit is for CIFAR-10, but FOLDER holds photographs.');
    expect(code).toBe(2);
  });
});

describe('stridenet classify', () => {
  const photo = join(photos, 'val/stripes/3.png');

  test('prints labels with their confidence', async () => {
    const { stdout, code } = await stridenet(['classify', photo, '--model', model]);
    expect(stdout).toMatch(/val\/stripes\/3\.png: stripes \d+\.\d %, dots \d+\.\d %\n$/);
    expect(code).toBe(0);
  });

  test('prints JSON, one line per photograph of a folder, and CSV', async () => {
    const json = await stridenet(['classify', join(photos, 'val'), '--model', model, '--json']);
    const lines = json.stdout.trim().split('\n');
    expect(lines).toHaveLength(20);
    expect(JSON.parse(lines[0])).toMatchObject({ photo: join(photos, 'val/dots/0.png'), labels: [{}, {}] });
    const csv = await stridenet(['classify', photo, '--model', model, '--csv', '--top', '1']);
    expect(csv.stdout).toMatch(/^photo,rank,label,confidence,reason\n.*3\.png,1,stripes,[01]\.\d{6},\n$/);
  });

  test('goes on after a file that is no photograph, and ends with code 1', async () => {
    const broken = join(folder, 'broken.jpg');
    writeFileSync(broken, 'no picture');
    const { code, stdout, stderr } = await stridenet(['classify', broken, photo, '--model', model]);
    expect(stderr).toContain('broken.jpg');
    expect(stdout).toContain('stripes');
    expect(code).toBe(1);
  });
});

describe('stridenet evaluate FOLDER', () => {
  test('prints the scores, and writes the answers', async () => {
    const out = join(folder, 'answers.csv');
    const { stdout, code } = await stridenet(['evaluate', photos, '--model', model, '--views', 'mirror', '--out', out]);
    expect(stdout).toMatch(
      /^20 photographs: accuracy \d+\.\d %, calibration error \d+\.\d %\nclass {4}precision {5}recall\ndots /,
    );
    expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(21);
    expect(code).toBe(0);
  });
});
