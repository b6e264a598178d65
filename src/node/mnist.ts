import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { DataError } from '../base/errors.js';
import type { ImageDataset } from '../data/dataset.js';
import { gunzip } from '../data/gunzip.js';
import { FASHION_MNIST_CLASSES, MNIST_CLASSES, parseMnist } from '../data/idx.js';
import { checkSplit } from './cifar.js';
import { readBytes } from './files.js';

/** Options of `mnist` and `fashionMnist`. */
export interface MnistOptions {
  /** A folder with the idx files, packed (.gz) or not. */
  dir: string;
  /** Which part to read: 60,000 images for training or 10,000 for testing. */
  split: 'train' | 'test';
}

/**
 * MNIST: 60,000 training and 10,000 test images of digits, 28 x 28 in gray. The files keep their official names
 * (train-images-idx3-ubyte, ...) and lie in `dir`, or in MNIST/raw below it, as torchvision leaves them.
 *
 * Throws `DataError` when a file is missing or does not fit the other, `FormatError` when one is damaged, naming it.
 */
export async function mnist(options: MnistOptions): Promise<ImageDataset> {
  checkOptions('mnist', options, ['dir', 'split']);
  return load('mnist', 'MNIST', options, MNIST_CLASSES);
}

/** Fashion-MNIST: like `mnist`, but clothes; below `dir` in FashionMNIST/raw. */
export async function fashionMnist(options: MnistOptions): Promise<ImageDataset> {
  checkOptions('fashionMnist', options, ['dir', 'split']);
  return load('fashionMnist', 'FashionMNIST', options, FASHION_MNIST_CLASSES);
}

async function load(
  who: string,
  inner: string,
  { dir, split }: MnistOptions,
  classes: readonly string[],
): Promise<ImageDataset> {
  const stem = checkSplit(who, split) === 'train' ? 'train' : 't10k';
  const folders = [dir, join(dir, inner, 'raw')];
  const images = await find(folders, [`${stem}-images-idx3-ubyte`, `${stem}-images.idx3-ubyte`]);
  const labels = await find(folders, [`${stem}-labels-idx1-ubyte`, `${stem}-labels.idx1-ubyte`]);
  return parseMnist(await unpacked(images), await unpacked(labels), { classes, names: [images, labels] });
}

async function find(folders: readonly string[], names: readonly string[]): Promise<string> {
  for (const folder of folders) {
    for (const name of names.flatMap((n) => [n, `${n}.gz`])) {
      const path = join(folder, name);
      if ((await stat(path).catch(() => null))?.isFile()) return path;
    }
  }
  throw new DataError(`${names[0]} (or .gz) is neither in ${folders.join(' nor in ')}.`);
}

async function unpacked(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  return path.endsWith('.gz') ? gunzip(bytes, { name: path }) : bytes;
}
