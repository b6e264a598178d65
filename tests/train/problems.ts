import { RandomStream } from '../../src/base/random.js';
import { ImageDataset } from '../../src/data/dataset.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import type { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';

/** Images of 4x4 gray pixels with noise: a bright left half is class 0, a bright upper half class 1. */
export function halves(length: number, seed = 0): ImageDataset {
  const random = new RandomStream(`halves/${seed}`);
  const images = new Uint8Array(length * 16);
  const labels = new Uint8Array(length);
  for (let n = 0; n < length; n++) {
    labels[n] = n % 2;
    for (let i = 0; i < 16; i++) {
      const bright = labels[n] === 0 ? i % 4 < 2 : i < 8;
      images[n * 16 + i] = 100 * random.uniform() + (bright ? 100 : 0);
    }
  }
  return new ImageDataset({ images, labels, shape: [1, 4, 4], classes: ['left', 'top'] });
}

/** A net small enough to train in milliseconds. */
export function tinyNet(classes = 2): Module {
  return new Sequential(new Flatten(), new Linear(16, 8), new ReLU(), new Linear(8, classes));
}
