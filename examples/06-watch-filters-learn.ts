// See the first layer's filters take shape during training: npx tsx examples/06-watch-filters-learn.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  Conv2d,
  DataLoader,
  Flatten,
  fit,
  Linear,
  MaxPool2d,
  measureMeanStd,
  ReLU,
  Sequential,
  SGD,
  subset,
} from 'stridenet';
import { loadImages } from './support/data.js';
import { enlarge, filterPictures, type Picture, sheet, toPng } from './support/pictures.js';
import { tiny } from './support/tiny.js';

const images = await loadImages();
const train = subset(
  images.train,
  Int32Array.from({ length: tiny ? 200 : 10_000 }, (_, i) => i),
);
const loader = new DataLoader(train, { batchSize: 25, shuffle: true, normalize: measureMeanStd(train) });

// Filters of 7x7 are large enough to see something in them.
const conv = new Conv2d(3, 12, 7, { stride: 2, padding: 3 });
const model = new Sequential(conv, new ReLU(), new MaxPool2d(4), new Flatten(), new Linear(12 * 4 * 4, 10));
const optimizer = new SGD(model.parameters(), { learningRate: 0.02, momentum: 0.9, weightDecay: 1e-3 });

const rows: Picture[][] = [filterPictures(conv.weight)];
const every = tiny ? 4 : 100;
await fit(model, {
  train: loader,
  optimizer,
  epochs: tiny ? 1 : 2,
  callbacks: [
    {
      onStep(run, { step }) {
        if (step % every === 0) rows.push(filterPictures(run.model.stateDict().get('0.weight')!));
      },
      onEpochEnd(_run, { epoch, loss, accuracy }) {
        console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
      },
    },
  ],
});

mkdirSync('runs', { recursive: true });
const pictures = rows.flat().map((picture) => enlarge(picture, 6));
writeFileSync('runs/filters-learning.png', toPng(sheet(pictures, 12)));
console.log(`runs/filters-learning.png: each column is a filter, each row ${every} steps later than the one above`);
