import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { colorClassifier, colored } from '../../testing/colorClassifier.js';
import { stridenetHere } from './inProcess.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-organize-'));
const model = join(folder, 'colors.onnx');
const photos = mkdtempSync(join(folder, 'photos-'));

beforeAll(async () => {
  await colorClassifier(['beagle', 'bicycle', 'tabby']).save(model);
  const colors = {
    dog1: [250, 0, 5],
    dog2: [255, 3, 0],
    bike: [0, 255, 0],
    pet: [255, 0, 255],
    odd: [255, 255, 0],
  } as const;
  for (const [name, color] of Object.entries(colors)) writeFileSync(join(photos, `${name}.png`), colored([color], 16));
  writeFileSync(join(photos, 'broken.png'), 'nothing');
});

const run = (...args: string[]) => stridenetHere(['organize', photos, '--model', model, ...args]);

describe('stridenet organize', () => {
  test('files photographs under tags, backs off to the parent, and remembers corrections', async () => {
    const first = await run('--json');
    const { photos: found } = JSON.parse(first.stdout);
    const tags = Object.fromEntries(
      found.map((photo: { path: string; tags: { name: string }[] }) => [
        photo.path.slice(photos.length + 1, -4),
        photo.tags.map(({ name }) => name).join(),
      ]),
    );
    expect(tags).toEqual({ dog1: 'beagle', dog2: 'beagle', bike: 'bicycle', pet: 'mammal', odd: '' });
    expect(first.stderr).toContain('broken.png');
    const corrected = await run('--correct', `${join(photos, 'odd.png')}=lemon`);
    expect(corrected.stdout).toMatch(/lemon: 1 photographs\n {2}\S*odd\.png/);
    expect((await run()).stdout).toContain('lemon: 1 photographs');
  });

  test('shows what it would move, moves it, and moves it back', async () => {
    const out = join(folder, 'albums');
    const dry = await run('--move', out);
    expect(dry.stdout).toMatch(/move \S*dog1\.png -> \S*albums\/beagle\/dog1\.png/);
    expect(dry.stderr).toContain('none of them done yet: add --apply.');
    expect(existsSync(out)).toBe(false);
    await run('--move', out, '--apply');
    expect(existsSync(join(out, 'beagle/dog1.png'))).toBe(true);
    expect(existsSync(join(photos, 'dog1.png'))).toBe(false);
    const undone = await run('--undo', join(out, 'undo.json'));
    expect(undone.stdout).toContain('photographs are where they were.');
    expect(readFileSync(join(photos, 'dog1.png')).length).toBeGreaterThan(0);
  });

  test('refuses what makes no sense, in sentences', async () => {
    expect((await run('--apply')).stderr).toContain('--apply needs a plan: --links DIR or --move DIR.');
    expect((await run('--correct', 'lemon')).stderr).toContain("--correct is 'lemon', but must be PHOTO=LABEL");
    expect((await run('--correct', 'x.png=lemon')).stderr).toContain('x.png is none of the 5 photographs');
  });
});
