import { type Dataset, StridenetError, synthetic } from 'stridenet';
import { cifar10 } from 'stridenet/node';
import { tiny } from './tiny.js';

/** CIFAR-10 from `dir`, CIFAR10_DIR, an earlier download or a download; where it can't be had, synthetic images of the same shape. */
export async function loadImages(dir = process.env.CIFAR10_DIR): Promise<{ train: Dataset; test: Dataset }> {
  if (tiny && !dir) return syntheticImages(400, 100);
  try {
    const where = { dir: dir || undefined };
    return { train: await cifar10({ ...where, split: 'train' }), test: await cifar10({ ...where, split: 'test' }) };
  } catch (error) {
    if (dir || !(error instanceof StridenetError)) throw error;
    console.log(`Using synthetic images, because CIFAR-10 can't be had: ${error.message}`);
    return syntheticImages(20_000, 2_000);
  }
}

function syntheticImages(train: number, test: number): { train: Dataset; test: Dataset } {
  return {
    train: synthetic({ split: 'train', length: train }),
    test: synthetic({ split: 'test', length: test }),
  };
}
