import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArgumentError, DataError, FormatError } from '../../src/base/errors.js';
import { writeFileAtomic } from '../../src/node/files.js';
import { loadWeights, saveWeights } from '../../src/node/weights.js';

/** What fails next time: as if the disk were full after half of the bytes. */
let diskFull = false;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const open: typeof fs.open = async (path, flags) => {
    const file = await real.open(path, flags);
    if (diskFull) {
      file.writeFile = async (content) => {
        await file.appendFile((content as Uint8Array).slice(0, 4));
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      };
    }
    return file;
  };
  return { ...real, open };
});

let dir = '';
beforeEach(async () => {
  dir = await fs.mkdtemp(join(tmpdir(), 'stridenet-files-'));
});
afterEach(async () => {
  diskFull = false;
  await fs.rm(dir, { recursive: true });
});

const state = new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]);

test('a file is written, replaced, and nothing is left beside it', async () => {
  const path = join(dir, 'new', 'folder', 'a.json');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, new TextEncoder().encode('two'));
  expect(await fs.readFile(path, 'utf8')).toBe('two');
  expect(await fs.readdir(join(dir, 'new', 'folder'))).toEqual(['a.json']);
});

test('on a full disk the file that was there survives, and the half one is gone', async () => {
  const path = join(dir, 'w.safetensors');
  await saveWeights(path, state);
  const before = await fs.readFile(path);
  diskFull = true;
  const saving = saveWeights(path, new Map([['w', { shape: [1], data: Float32Array.of(9) }]]));
  await expect(saving).rejects.toThrow(DataError);
  await expect(saving).rejects.toThrow(
    `writing ${path} failed: ENOSPC: no space left on device, write. What stood there before is unharmed.`,
  );
  expect(await fs.readFile(path)).toEqual(before);
  expect(await fs.readdir(dir)).toEqual(['w.safetensors']);
});

test('a folder that cannot be written is a DataError with the path and the cause', async () => {
  await fs.writeFile(join(dir, 'file'), '');
  const path = join(dir, 'file', 'below.json');
  await expect(writeFileAtomic(path, 'x')).rejects.toThrow(DataError);
  await expect(writeFileAtomic(path, 'x')).rejects.toThrow(/^writing .*below\.json failed: E(EXIST|NOTDIR)/);
});

test('a folder or a device is not replaced by a file', async () => {
  await expect(writeFileAtomic(dir, 'x')).rejects.toThrow('it is no regular file.');
  expect((await fs.stat(dir)).isDirectory()).toBe(true);
});

test('weights come back, and other formats are refused', async () => {
  const path = join(dir, 'w.safetensors');
  await saveWeights(path, state);
  expect(await loadWeights(path)).toEqual(state);
  await expect(saveWeights(join(dir, 'w.pt'), state)).rejects.toThrow(ArgumentError);
  await fs.writeFile(join(dir, 'w.txt'), 'weights');
  await expect(loadWeights(join(dir, 'w.txt'))).rejects.toThrow(FormatError);
});

test('a PyTorch checkpoint is loaded by its extension', async () => {
  const path = new URL('../golden/files/checkpoint-zip.pt', import.meta.url).pathname;
  expect((await loadWeights(path, { rename: (n) => (n === 'head' ? n : null) })).get('head')?.data).toEqual(
    Float32Array.of(0, 1, 2, 3),
  );
});

test('a file that is missing or damaged is named', async () => {
  const path = join(dir, 'w.safetensors');
  await expect(loadWeights(path)).rejects.toThrow(`reading ${path} failed: ENOENT`);
  await fs.writeFile(path, 'short');
  await expect(loadWeights(path)).rejects.toThrow(FormatError);
  await expect(loadWeights(path)).rejects.toThrow(`${path}: safetensors: the file has 5 bytes`);
});
