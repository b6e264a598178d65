import { readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DataError } from '../../../src/base/errors.js';
import { type ImageFolderOptions, imageFolder } from '../../../src/node/index.js';
import { photoFolder } from '../../../testing/photoFolder.js';

interface Golden {
  tree: string[];
  classes: string[];
  samples: [path: string, label: number][];
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/imageFolder.json', import.meta.url), 'utf8'));

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

/** A folder with empty files, and files with content: nothing is decoded here. */
async function folderOf(files: readonly string[], contents: Record<string, string> = {}): Promise<string> {
  const empty = Object.fromEntries(files.map((file) => [file, '']));
  const { dir, remove } = await photoFolder([], { ...empty, ...contents });
  removals.push(remove);
  return dir;
}

/** The files with their classes. */
function contentOf(dir: string, options: ImageFolderOptions = {}): Record<string, string | string[]> {
  const data = imageFolder(dir, options);
  const namesOf = (i: number): string | string[] =>
    data.multiHot === undefined
      ? data.classes[data.label(i)]
      : data.classes.filter((_, k) => data.multiHot?.(i)[k] === 1);
  return Object.fromEntries(data.paths.map((path, i) => [relative(data.root, path), namesOf(i)]));
}

describe('folders as classes', () => {
  test('are found, with their files and in the order, as by torchvision', async () => {
    const data = imageFolder(await folderOf(golden.tree));
    expect(data.classes).toEqual(golden.classes);
    expect(data.paths.map((path, i) => [relative(data.root, path), data.label(i)])).toEqual(golden.samples);
  });

  test('a hidden folder without images is no class', async () => {
    const dir = await folderOf(['a/1.png', '.ipynb_checkpoints/notes.txt']);
    expect(imageFolder(dir).classes).toEqual(['a']);
  });

  test('a class without images is an error that names it, or allowed', async () => {
    const dir = await folderOf(['a/1.png', 'b/notes.txt', 'c/2.gif']);
    expect(() => imageFolder(dir)).toThrow(
      /no images of the classes b, c: no file ends with \.jpg, .* allowEmpty: true/,
    );
    expect(imageFolder(dir, { allowEmpty: true }).classes).toEqual(['a', 'b', 'c']);
    expect(imageFolder(dir, { extensions: ['png', '.GIF'], allowEmpty: true }).length).toBe(2);
    expect(() => imageFolder(dir, { extensions: ['.x'], allowEmpty: true })).toThrow(DataError);
  });

  test('their number and order can be given', async () => {
    const dir = await folderOf(['a/1.png', 'b/1.png']);
    const data = imageFolder(dir, { classes: ['b', 'none', 'a'], allowEmpty: true });
    expect([data.label(0), data.label(1), data.classes[2]]).toEqual([0, 2, 'a']);
    expect(() => imageFolder(dir, { classes: ['b'] })).toThrow('images of a, which classes does not list. It lists b.');
  });

  test('links to folders are followed, and one that leads back is refused by name or skipped', async () => {
    const dir = await folderOf(['a/1.png', 'a/in/2.png', 'elsewhere/3.png']);
    symlinkSync(join(dir, 'elsewhere'), join(dir, 'linked'));
    expect(Object.keys(contentOf(dir))).toContain('linked/3.png');
    symlinkSync(join(dir, 'a'), join(dir, 'a', 'in', 'loop'));
    expect(() => imageFolder(dir)).toThrow(
      /the link .*loop leads back to .*, a folder that contains it.*onError: 'skip'/,
    );
    const data = imageFolder(dir, { onError: 'skip' });
    expect(data.length).toBe(4);
    expect(data.describeSkipped()).toMatch(/^1 of 4 files were skipped:\n {2}the link .*loop leads back/);
  });

  test('nothing to find is an error with the way out', async () => {
    expect(() => imageFolder('/no/such/folder')).toThrow('/no/such/folder is no folder');
    const flat = await folderOf(['1.png']);
    expect(() => imageFolder(flat)).toThrow(/holds no folders.*pass labels/);
  });
});

describe('train, val and test', () => {
  const files = ['train/a/1.png', 'train/b/2.png', 'validation/a/3.png', 'validation/b/4.png'];

  test('are found by themselves, and training images are the default', async () => {
    const dir = await folderOf(files);
    const data = imageFolder(dir);
    expect([data.split, data.splits, data.classes]).toEqual(['train', ['train', 'val'], ['a', 'b']]);
    expect(contentOf(dir)).toEqual({ 'a/1.png': 'a', 'b/2.png': 'b' });
    expect(contentOf(dir, { split: 'val' })).toEqual({ 'a/3.png': 'a', 'b/4.png': 'b' });
    expect(() => imageFolder(dir, { split: 'test' })).toThrow(/no folder for the split 'test'; it has train, val/);
  });

  test('are classes where other folders stand beside them', async () => {
    const data = imageFolder(await folderOf(['train/1.png', 'plane/2.png', 'test/3.png']));
    expect([data.classes, data.split]).toEqual([['plane', 'test', 'train'], null]);
  });

  test('a part that does not exist is an error', async () => {
    const dir = await folderOf(['a/1.png']);
    expect(() => imageFolder(dir, { split: 'val' })).toThrow('not divided into train, val and test');
    expect(() => imageFolder(dir, { split: 'all' as never })).toThrow(
      "split is 'all', but must be 'train', 'val' or 'test'",
    );
  });
});

describe('a table of labels', () => {
  const files = ['1.png', '2.png', 'in/3.png'];
  const single = { '1.png': 'cat', '2.png': 'dog', 'in/3.png': 'cat' };
  const several = { '1.png': ['cat', 'dog'], '2.png': [], 'in/3.png': ['cat'] };

  test.each([
    ['with named columns', 'labels.csv', 'width,file,label\n3,1.png,cat\n3,2.png,dog\n3,in/3.png,cat\n', single],
    ['without names', 'labels.csv', '1.png,cat\r\n2.png,dog\r\n"in/3.png","cat"\r\n', single],
    [
      'with a mark at the start of the file',
      'labels.csv',
      '\uFEFFfile_name,Label\n1.png,cat\n2.png,dog\nin/3.png,cat',
      single,
    ],
    ['without endings', 'labels.csv', 'image_id,label\n1,cat\n2,dog\nin/3,cat\n', single],
    ['with semicolons', 'labels.csv', 'file;label\n1.png;cat\n2.png;dog\nin/3.png;cat\n', single],
    ['with tabs', 'labels.tsv', 'file\tlabel\n1.png\tcat\n2.png\tdog\nin/3.png\tcat\n', single],
    ['with a column per class', 'labels.csv', 'file,cat,dog\n1.png,1,0\n2.png,0,1\nin/3.png,1,0\n', single],
    ['as JSON', 'labels.json', '{"1.png": "cat", "2.png": "dog", "in/3.png": "cat"}', single],
    [
      'as a list',
      'labels.json',
      '[{"file": "1.png", "label": "cat"}, {"file": "2.png", "label": "dog"}, {"file": "in/3.png", "label": "cat"}]',
      single,
    ],
    [
      'as JSON Lines',
      'metadata.jsonl',
      '{"file_name": "1.png", "label": "cat"}\n{"file_name": "2.png", "label": "dog"}\n{"file_name": "in/3.png", "label": "cat"}\n',
      single,
    ],
    ['of several classes in a cell', 'labels.csv', 'file,labels\n1.png,cat;dog\n2.png,\nin/3.png,cat\n', several],
    ['of several classes in columns', 'labels.csv', 'file,cat,dog\n1.png,1,1\n2.png,0,0\nin/3.png,1,0\n', several],
    ['of several classes in rows', 'labels.csv', 'file,label\n1.png,cat\nin/3.png,cat\n1.png,dog\n2.png,\n', several],
    [
      'of several classes as JSON',
      'labels.json',
      '{"1.png": ["cat", "dog"], "2.png": [], "in/3.png": ["cat"]}',
      several,
    ],
  ])('%s', async (_, name, text, expected) => {
    const dir = await folderOf(files, { [name]: text });
    // Where there are folders, the table has to be named.
    expect(contentOf(dir, { labels: name })).toEqual(expected);
    expect(imageFolder(dir, { labels: name }).classes).toEqual(['cat', 'dog']);
  });

  test('is found by itself where there are no folders, and counts what it leaves out', async () => {
    const dir = await folderOf(['1.png', '2.png'], { 'labels.csv': 'file,label\n2.png,b\n' });
    const data = imageFolder(dir);
    expect(contentOf(dir)).toEqual({ '2.png': 'b' });
    expect(data.unlabeled.map((path) => relative(dir, path))).toEqual(['1.png']);
  });

  test('may be an object, with numbers sorted by their value', async () => {
    const dir = await folderOf(['1.png', '2.png', '3.png']);
    const data = imageFolder(dir, { labels: { '1.png': '10', '2.png': '9', '3.png': '10' } });
    expect([data.classes, data.label(0)]).toEqual([['9', '10'], 1]);
  });

  test('may say which part a file belongs to', async () => {
    const text = 'file,label,split\n1.png,cat,train\n2.png,dog,validation\n3.png,dog,train\n';
    const dir = await folderOf(['1.png', '2.png', '3.png'], { 'labels.csv': text });
    expect(contentOf(dir)).toEqual({ '1.png': 'cat', '3.png': 'dog' });
    expect(contentOf(dir, { split: 'val' })).toEqual({ '2.png': 'dog' });
    expect(imageFolder(dir, { split: 'val' }).classes).toEqual(['cat', 'dog']);
  });

  test('lies in the folder of its part, or above the parts', async () => {
    const inside = await folderOf(['train/1.png', 'val/2.png'], {
      'train/labels.csv': 'file,label\n1.png,a',
      'val/labels.csv': 'file,label\n2.png,b',
    });
    expect(contentOf(inside, { split: 'val' })).toEqual({ '2.png': 'b' });
    const above = await folderOf(['train/1.png', 'val/2.png'], {
      'labels.csv': 'file,label,split\n1.png,a,train\n2.png,b,val',
    });
    expect(contentOf(above)).toEqual({ '1.png': 'a' });
  });

  test('gives multi-hot labels where files have several', async () => {
    const dir = await folderOf(files, { 'labels.json': JSON.stringify(several) });
    const data = imageFolder(dir, { labels: 'labels.json' });
    expect([0, 1, 2].map((i) => [...(data.multiHot?.(i) ?? [])])).toEqual([
      [1, 1],
      [0, 0],
      [1, 0],
    ]);
    expect(data.label(2)).toBe(0);
    expect(() => data.label(0)).toThrow('does not have one label');
    const forced = imageFolder(dir, { labels: { '1.png': 'cat' }, multiLabel: true });
    expect([...(forced.multiHot?.(0) ?? [])]).toEqual([1]);
    expect(() => imageFolder(dir, { labels: 'labels.json', multiLabel: false })).toThrow(
      '1.png has the labels cat, dog, but multiLabel is false',
    );
  });

  test.each([
    ['one,two,three\n', /no column is named file, filename, file_name or the like/],
    ['file,label\n1.png,a,b\n', /row 2 has 3 cells, but the first one has 2/],
    ['file,cat,note\n1.png,1,fine\n', /'note' is no class of 0 and 1: row 2 has 'fine'/],
    ['file,label\n', /the labels name no file/],
    ['file,label\n"1.png,a\n', /row \d+ is damaged/],
  ])('%j is refused', async (text, message) => {
    const dir = await folderOf(['1.png'], { 'labels.csv': text });
    expect(() => imageFolder(dir)).toThrow(message);
  });

  test.each([
    ['{"a": ', /labels\.json is not JSON/],
    ['{"a": 1.5, "b": {}}', /is not the name of a file with its label/],
    ['[]', /there are no labels/],
    ['3', /there are no labels/],
  ])('%j is refused', async (text, message) => {
    const dir = await folderOf(['1.png'], { 'labels.json': text });
    expect(() => imageFolder(dir)).toThrow(message);
    expect(() => imageFolder(dir, { labels: 'other.csv' })).toThrow('there is no file of labels other.csv');
  });
});
