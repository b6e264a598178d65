import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Album, applyPlan, planAlbums, undoPlan } from '../../src/organize/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stridenet-plan-'));
  for (const name of ['a/1.jpg', 'b/1.jpg', 'b/2.jpg']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const album = (name: string, ...photos: string[]): Album => ({
  kind: 'tags',
  name,
  photos: photos.map((p) => join(folder, p)),
});
const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();

describe('a plan', () => {
  const albums = (): Album[] => [album('dog', 'a/1.jpg', 'b/1.jpg'), album('a: b/c?', 'b/1.jpg', 'b/2.jpg')];

  test('moves each photograph once, under names that are free, and back again', async () => {
    const before = files();
    const plan = planAlbums(albums(), join(folder, 'out'), { how: 'moves' });
    expect(files()).toEqual(before);
    await applyPlan(plan, join(folder, 'undo.json'));
    expect(files()).toEqual(['out/a_ b_c_/2.jpg', 'out/dog/1-2.jpg', 'out/dog/1.jpg', 'undo.json']);
    expect(readFileSync(join(folder, 'out/dog/1-2.jpg'), 'utf8')).toBe('b/1.jpg');
    expect(await undoPlan(join(folder, 'undo.json'))).toBe(3);
    expect(files()).toEqual(before);
  });

  test('links each photograph into all of its albums', async () => {
    const before = files();
    await applyPlan(planAlbums(albums(), join(folder, 'out')), join(folder, 'undo.json'));
    expect(lstatSync(join(folder, 'out/dog/1.jpg')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'out/a_ b_c_/1.jpg'), 'utf8')).toBe('b/1.jpg');
    expect(await undoPlan(join(folder, 'undo.json'))).toBe(4);
    expect(files()).toEqual(before);
  });

  test('overwrites nothing: not what was there, and not what came since', async () => {
    mkdirSync(join(folder, 'out/dog'), { recursive: true });
    writeFileSync(join(folder, 'out/dog/1.jpg'), 'mine');
    const plan = planAlbums([album('dog', 'a/1.jpg')], join(folder, 'out'), { how: 'moves' });
    expect(plan.files[0].to).toBe(join(folder, 'out/dog/1-2.jpg'));
    writeFileSync(join(folder, 'out/dog/1-2.jpg'), 'mine too');
    await expect(applyPlan(plan, join(folder, 'undo.json'))).rejects.toThrow(/could not get to .*1-2\.jpg/);
    expect(readFileSync(join(folder, 'a/1.jpg'), 'utf8')).toBe('a/1.jpg');
    expect(readFileSync(join(folder, 'out/dog/1-2.jpg'), 'utf8')).toBe('mine too');
    await expect(applyPlan(plan, join(folder, 'undo.json'))).rejects.toThrow('is there already');
  });

  test('refuses what is no undo file', async () => {
    writeFileSync(join(folder, 'undo.json'), '{}');
    await expect(undoPlan(join(folder, 'undo.json'))).rejects.toThrow("can't be read: it is no undo file.");
  });
});
