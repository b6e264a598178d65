import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { type NamedBytes, parseCifar10, parseCifar100 } from '../data/cifar10.js';
import type { ImageDataset } from '../data/dataset.js';
import { download } from './download.js';
import { messageOf, readBytes, writeFileAtomic } from './files.js';
import { readTar } from './tar.js';

type Split = 'train' | 'test';

/** Where CIFAR-10 comes from. Tests put a server of their own in its place. */
export interface Cifar10Source {
  /** The address of the archive. */
  url: string;
  /** The MD5 digest of the archive, in hexadecimal. */
  md5: string;
  /** The most bytes of the archive, and of what is in it. */
  maximumBytes: number;
}

const OFFICIAL: Cifar10Source = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  maximumBytes: 2 ** 28,
};

const FOLDER = 'cifar-10-batches-bin';
const CIFAR10_FILES: Readonly<Record<Split, readonly string[]>> = {
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
};

/** Options of `cifar10` and `cifar100`. */
export interface Cifar10Options {
  /** Which part to read: 50,000 images for training or 10,000 for testing. */
  split: Split;
  /** A folder with the batch files, or with a folder cifar-10-batches-bin of them. Default: the environment's CIFAR10_DIR. */
  dir?: string | undefined;
  /** false: do not fetch what is not there. Default: true. */
  download?: boolean | undefined;
  /** Called while the archive (162 MiB) is fetched; total is 0 while unknown. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Where a download is kept. Default: stridenet in XDG_CACHE_HOME or ~/.cache. */
  cacheDir?: string | undefined;
  /** Another place to download from. Default: the official one. */
  source?: Cifar10Source | undefined;
}

/**
 * CIFAR-10: 50,000 training and 10,000 test images, 32 x 32 in color, ten classes. Looks in `dir` or CIFAR10_DIR (and then
 * nowhere else), then in the cache, then fetches the official archive, checks it and unpacks it into the cache.
 *
 * Throws `DataError` when a file is missing, truncated or has a label above 9 (named), or when the images have to be fetched
 * and cannot be.
 *
 * @example
 * const test = await cifar10({ split: 'test', dir: 'data' }); // test.length is 10000
 */
export async function cifar10(options: Cifar10Options): Promise<ImageDataset> {
  checkOptions('cifar10', options, ['split', 'dir', 'download', 'onProgress', 'cacheDir', 'source']);
  const files = CIFAR10_FILES[checkSplit('cifar10', options.split)];
  const dir = options.dir ?? (process.env.CIFAR10_DIR || undefined);
  return parseCifar10(
    await readAll(dir === undefined ? await cached(options) : await folderOf(dir, FOLDER, files), files),
  );
}

/**
 * CIFAR-100 from a folder with train.bin and test.bin, or with a folder cifar-100-binary of them.
 *
 * Options: `labels`, 'fine' (100 classes, the default) or 'coarse' (20).
 *
 * Throws `DataError` when a file is missing, truncated or has a label out of range.
 */
export async function cifar100(options: {
  dir: string;
  split: Split;
  labels?: 'fine' | 'coarse' | undefined;
}): Promise<ImageDataset> {
  checkOptions('cifar100', options, ['dir', 'split', 'labels']);
  const files = [`${checkSplit('cifar100', options.split)}.bin`];
  return parseCifar100(await readAll(await folderOf(options.dir, 'cifar-100-binary', files), files), {
    labels: options.labels,
  });
}

export function checkSplit(who: string, split: Split): Split {
  if (split === 'train' || split === 'test') return split;
  throw new ArgumentError(`${who}: split is '${split}', but must be 'train' or 'test'.`);
}

/** `dir` itself, or the folder in it that archives unpack to. */
async function folderOf(dir: string, inner: string, files: readonly string[]): Promise<string> {
  for (const folder of [dir, join(dir, inner)]) {
    if (await exists(join(folder, files[0]))) return folder;
  }
  throw new DataError(`${files[0]} is neither in ${dir} nor in ${join(dir, inner)}. Unpack the binary version there.`);
}

async function readAll(folder: string, files: readonly string[]): Promise<NamedBytes[]> {
  const paths = files.map((file) => join(folder, file));
  return Promise.all(paths.map(async (name) => ({ name, bytes: await readBytes(name) })));
}

/** The folder of the cache that holds all batch files, fetched if need be. */
async function cached(options: Cifar10Options): Promise<string> {
  const { source = OFFICIAL } = options;
  const cache = options.cacheDir ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'stridenet');
  const folder = join(cache, FOLDER);
  if (await exists(folder)) return folder;
  if (options.download === false) {
    throw new DataError(`CIFAR-10 is not in ${folder}, and download is off. Pass dir, or set CIFAR10_DIR.`);
  }
  const archive = join(cache, 'cifar-10-binary.tar.gz');
  const { url, ...limits } = source;
  if (!(await exists(archive))) await download(url, archive, { ...limits, onProgress: options.onProgress });
  await unpack(archive, folder, source.maximumBytes);
  await unlink(archive).catch(() => undefined);
  return folder;
}

/** Unpacks the batch files beside `folder`, which they become only when all are there. */
async function unpack(archive: string, folder: string, maximumBytes: number): Promise<void> {
  const beside = `${folder}.${randomBytes(6).toString('hex')}.part`;
  try {
    const tar = readTar(
      await promisify(gunzip)(await readBytes(archive), { maxOutputLength: maximumBytes }),
      `${basename(archive)}, unpacked,`,
    );
    await mkdir(beside, { recursive: true });
    for (const file of [...CIFAR10_FILES.train, ...CIFAR10_FILES.test]) {
      const bytes = tar.get(`${FOLDER}/${file}`);
      if (bytes === undefined) throw new Error(`it holds no ${file}.`);
      await writeFileAtomic(join(beside, file), bytes);
    }
    await rename(beside, folder);
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    // Another process may have been faster.
    if (await exists(folder)) return;
    throw new DataError(`unpacking ${archive} failed: ${messageOf(cause)} Delete it to fetch it again.`, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
