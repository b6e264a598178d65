import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { colorClassifier, colored, GREEN, RED } from '../../testing/colorClassifier.js';
import { stridenetHere } from './inProcess.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-describe-'));
const model = join(folder, 'colors.onnx');
const site = join(folder, 'site');
const page = '<html lang="fr"><img src="/pictures/dog.png"><img src="pictures/both.png"><img src="x.png" alt="">\n';

beforeAll(async () => {
  await colorClassifier(['dog', 'bicycle', 'cat']).save(model);
  mkdirSync(join(site, 'pictures'), { recursive: true });
  writeFileSync(join(site, 'pictures/dog.png'), colored([RED]));
  writeFileSync(join(site, 'pictures/both.png'), colored([RED, GREEN]));
  writeFileSync(join(site, 'index.html'), page);
});

describe('stridenet describe', () => {
  test('prints a text for each photograph, and goes on after one that cannot be read', async () => {
    const broken = join(folder, 'broken.png');
    writeFileSync(broken, 'nothing');
    const photos = [join(site, 'pictures'), broken];
    const { stdout, stderr, code } = await stridenetHere(['describe', ...photos, '--model', model, '--locale', 'de']);
    expect(stdout).toContain('dog.png: Das Bild zeigt möglicherweise einen Hund\n');
    expect(stdout).toMatch(/both\.png: no text: the surest concept/);
    expect(stderr).toContain('broken.png');
    expect(code).toBe(1);
  });

  test('suggests texts for pages, and writes those that are accepted', async () => {
    const review = join(site, 'alt-review.json');
    const made = await stridenetHere(['describe', site, '--html', '--model', model]);
    expect(made.stdout).toContain('index.html:1 /pictures/dog.png: L’image montre peut-être un chien');
    expect(made.stderr).toContain('1 pages, 2 images without alternative text, 1 suggestions in');
    expect(made.stderr).toContain('1 images need a text by somebody who sees them.');
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(page);
    const content = JSON.parse(readFileSync(review, 'utf8'));
    content.entries[0].decision = 'accept';
    Object.assign(content.entries[1], { decision: 'edit', text: 'Un chien près d’un vélo' });
    writeFileSync(review, JSON.stringify(content));
    const applied = await stridenetHere(['describe', site, '--apply', review]);
    expect(applied.stdout).toBe('1 pages: 1 accepted, 1 edited, 0 rejected, 0 undecided.\n');
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(
      page
        .replace('<img src="/p', '<img alt="L’image montre peut-être un chien" src="/p')
        .replace('<img src="pi', '<img alt="Un chien près d’un vélo" src="pi'),
    );
  });

  test('refuses a review file that makes no sense', async () => {
    const review = join(folder, 'review.json');
    writeFileSync(review, '{"entries":[{"file":"a","index":0,"src":"b","text":"","decision":"maybe"}]}');
    const { stderr, code } = await stridenetHere(['describe', site, '--apply', review]);
    expect(stderr).toContain("has the decision 'maybe', but must have one of pending, accept, edit, reject.");
    expect(code).toBe(1);
  });
});
