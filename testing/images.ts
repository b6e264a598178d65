import { ImageDataset } from '../src/data/dataset.js';

/** `n` images [2, 3, 4] of three classes; the first pixel of image i is i, so that a batch tells which images it holds. */
export function tinyImages(n: number): ImageDataset {
  const size = 24;
  const images = Uint8Array.from({ length: n * size }, (_, k) => (k % size === 0 ? k / size : (k * 37) % 256));
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  return new ImageDataset({ images, labels, shape: [2, 3, 4], classes: ['a', 'b', 'c'] });
}
