import { type Dataset, StridenetError, subset, synthetic } from '../../src/index.js';
import { cifar10 } from '../../src/node/index.js';
import { tiny } from '../tiny.js';

export interface Data {
  name: 'CIFAR-10' | 'synthetic';
  train: Dataset;
  test: Dataset;
}

/**
 * The images to train on: `dir` or the environment's CIFAR10_DIR, else an earlier download, else a download, else the
 * built-in synthetic set, with a sentence that says so. A folder that was asked for and does not serve is an error.
 */
export async function loadData(options: { dir?: string | undefined; print: (line: string) => void }): Promise<Data> {
  const { dir = process.env.CIFAR10_DIR, print } = options;
  if (tiny && !dir) return syntheticData();
  try {
    const where = { dir: dir || undefined, onProgress: downloadProgress() };
    const train = await cifar10({ ...where, split: 'train' });
    const test = await cifar10({ ...where, split: 'test' });
    return { name: 'CIFAR-10', train, test };
  } catch (error) {
    if (dir || !(error instanceof StridenetError)) throw error;
    print(
      `Using the built-in synthetic images, because CIFAR-10 is not available (${error.message}) To use it, unpack cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and pass --data DIR.`,
    );
    return syntheticData();
  }
}

/** The first `count` images; all for 0. */
export function first(dataset: Dataset, count: number): Dataset {
  if (count === 0 || count >= dataset.length) return dataset;
  return subset(
    dataset,
    Array.from({ length: count }, (_, i) => i),
  );
}

function syntheticData(): Data {
  const sizes = tiny ? [400, 100] : [20_000, 2_000];
  return {
    name: 'synthetic',
    train: synthetic({ split: 'train', length: sizes[0] }),
    test: synthetic({ split: 'test', length: sizes[1] }),
  };
}

/** Shows a download on one line of the terminal. */
function downloadProgress(): (done: number, total: number) => void {
  return (done, total) => {
    if (!process.stderr.isTTY) return;
    const of = total > 0 ? ` of ${mebibytes(total)}` : '';
    process.stderr.write(`\rdownloading CIFAR-10: ${mebibytes(done)}${of} MiB${done === total ? '\n' : ''}`);
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
