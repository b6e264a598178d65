import { beforeEach, describe, expect, test } from 'vitest';
import { DataError, ShapeError } from '../../src/base/errors.js';
import { manualSeed, RandomStream } from '../../src/base/random.js';
import { Targets } from '../../src/base/targets.js';
import { ImageDataset, subset } from '../../src/data/dataset.js';
import { datasetChecksum } from '../../src/data/datasetChecksum.js';
import { DataLoader } from '../../src/data/loader.js';
import { cutmix, mixup } from '../../src/data/mix.js';
import { MultiLabelDataset } from '../../src/data/multiLabelDataset.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { AverageScore } from '../../src/metrics/averageScore.js';
import { averageScores, multiLabelScores } from '../../src/metrics/classScores.js';
import { countRight } from '../../src/metrics/predictedTargets.js';
import { MeanAveragePrecision } from '../../src/metrics/rankingMetrics.js';
import { SGD } from '../../src/optim/sgd.js';
import { binaryCrossEntropyWithLogits } from '../../src/tensor/ops/loss/binaryCrossEntropyWithLogits.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { classificationLoss } from '../../src/train/classificationLoss.js';
import { evaluate } from '../../src/train/evaluate.js';
import { type FitOptions, fit } from '../../src/train/fit.js';

beforeEach(() => manualSeed(7));

/** Images of 4x4 gray pixels with noise, any quarters of which are bright: class k is the k-th quarter. */
function quarters(length: number, seed = 0): MultiLabelDataset {
  const random = new RandomStream(`quarters/${seed}`);
  const images = new Uint8Array(length * 16);
  const multiHot = Array.from({ length: 4 * length }, () => random.integer(2));
  for (let i = 0; i < images.length; i++) {
    const [row, column] = [Math.floor(i / 4) % 4, i % 4];
    const quarter = 2 * Math.floor(row / 2) + Math.floor(column / 2);
    images[i] = 100 * random.uniform() + 100 * multiHot[4 * Math.floor(i / 16) + quarter];
  }
  return new MultiLabelDataset({ images, multiHot, shape: [1, 4, 4], classes: ['nw', 'ne', 'sw', 'se'] });
}

describe('MultiLabelDataset', () => {
  const shape = [1, 1, 2] as const;
  const classes = ['a', 'b', 'c'];
  const images = Uint8Array.of(1, 2, 3, 4);
  const data = new MultiLabelDataset({ images, multiHot: [1, 0, 1, 0, 1, 0], shape, classes });

  test('gives images and their multi-hot labels, through subset and loader too', () => {
    expect(data.length).toBe(2);
    expect([...data.image(1)]).toEqual([3, 4]);
    expect([...data.multiHot(0)]).toEqual([1, 0, 1]);
    expect([...(subset(data, [1, 0]).multiHot?.(0) ?? [])]).toEqual([0, 1, 0]);
    const [{ labels }] = Array.from(new DataLoader(data, { batchSize: 2 }), (batch) => batch);
    expect([...labels]).toEqual([1, 0, 1, 0, 1, 0]);
  });

  test('has a label where an image has one class', () => {
    expect(data.label(1)).toBe(1);
    expect(() => data.label(0)).toThrow('image 0 has 2 classes, so no one label');
  });

  test('another label is another data set', () => {
    const other = new MultiLabelDataset({ images, multiHot: [1, 0, 1, 0, 1, 1], shape, classes });
    expect(datasetChecksum(other)).not.toBe(datasetChecksum(data));
    const same = new MultiLabelDataset({ images, multiHot: [1, 0, 1, 0, 1, 0], shape, classes });
    expect(datasetChecksum(same)).toBe(datasetChecksum(data));
  });

  test('refuses what does not fit', () => {
    const make = (multiHot: number[]) => new MultiLabelDataset({ images, multiHot, shape, classes });
    expect(() => make([1, 0, 1, 0])).toThrow(ShapeError);
    expect(() => make([1, 0, 1, 0, 2, 0])).toThrow('the multi-hot value of image 1 for class 1 is 2');
    expect(() => make([1, 0, 1])).toThrow('4 pixel values are not 1 images');
    expect(() => make([1, 0, 1])).toThrow(DataError);
  });
});

describe('targets', () => {
  const logits = Tensor.from([
    [2, -1],
    [-3, 0.5],
  ]);

  test('the default loss is the one that the number of targets asks for', () => {
    expect(classificationLoss(logits, [0, 1]).item()).toBe(crossEntropy(logits, [0, 1]).item());
    const multiHot = Tensor.from([
      [1, 1],
      [0, 1],
    ]);
    const loss = classificationLoss(logits, [1, 1, 0, 1]).item();
    expect(loss).toBe(binaryCrossEntropyWithLogits(logits, multiHot).item());
    const byHand = [-2, 1, -3, -0.5].reduce((sum, x) => sum + Math.log1p(Math.exp(x)), 0) / 4;
    expect(loss).toBeCloseTo(byHand, 6);
    expect(() => classificationLoss(logits, [1, 1, 0])).toThrow('3 labels do not fit logits [2, 2]');
    expect(() => classificationLoss(logits, [1, 1, 0])).toThrow('need 2 class indices, or 4 multi-hot values');
  });

  test('targets that say what they are must be what the logits need', () => {
    const indices = Targets.classIndices([0, 1]);
    expect(classificationLoss(logits, indices).item()).toBe(crossEntropy(logits, [0, 1]).item());
    expect(countRight(logits, indices)).toBe(2);
    // As many values as there are logits, but they are class indices of four images.
    expect(() => classificationLoss(logits, Targets.classIndices([0, 1, 1, 0]))).toThrow('4 labels do not fit');
    expect(() => countRight(logits, Targets.multiHot([1, 1], 1))).toThrow('2 targets for scores [2, 2]');
  });

  test('a loader says what its data set is, even where each image has one value', () => {
    const images = Uint8Array.of(1, 2, 3);
    const one = new MultiLabelDataset({ images, multiHot: [1, 0, 1], shape: [1, 1, 1], classes: ['dog'] });
    const [batch] = new DataLoader(one, { batchSize: 3 });
    expect(batch.targets).toMatchObject({ kind: 'multiHot', perImage: 1 });
    expect(batch.targets.values).toBe(batch.labels);
    const [plain] = new DataLoader(
      new ImageDataset({ images, labels: [0, 1, 0], shape: [1, 1, 1], classes: ['a', 'b'] }),
      {
        batchSize: 3,
      },
    );
    expect(plain.targets).toMatchObject({ kind: 'classIndices', perImage: 1 });
  });

  test('smoothing moves multi-hot targets towards one half', () => {
    const soft = Tensor.from([
      [0.9, 0.9],
      [0.1, 0.9],
    ]);
    const smoothed = classificationLoss(logits, [1, 1, 0, 1], { labelSmoothing: 0.2 }).item();
    expect(smoothed).toBeCloseTo(binaryCrossEntropyWithLogits(logits, soft).item(), 6);
  });

  test('the share of right values; a NaN is never right', () => {
    expect(countRight(logits, [1, 1, 0, 1])).toBe(1.5);
    expect(countRight(Tensor.from([[Number.NaN, Number.NaN]]), [0, 1])).toBe(0);
    expect(countRight(Tensor.from([[0.5], [-0.5]]), [1, 1])).toBe(1);
  });
});

describe('training on images of several classes', () => {
  const loader = (length: number, seed = 0) =>
    new DataLoader(quarters(length, seed), { batchSize: 16, shuffle: seed === 0 });
  const setup = (options: Partial<FitOptions> = {}) => {
    const model = new Sequential(new Flatten(), new Linear(16, 4));
    const optimizer = new SGD(model.parameters(), { learningRate: 0.5, momentum: 0.9 });
    return { model, options: { train: loader(96), optimizer, epochs: 20, ...options } };
  };

  test('learns each class, and measures them', async () => {
    const metrics = { f1: new AverageScore('f1'), mAP: new MeanAveragePrecision() };
    const { model, options } = setup({ validation: loader(64, 1), metrics });
    const { epochs } = await fit(model, options);
    const [first, last] = [epochs[0], epochs[19]];
    expect(first.accuracy).toBeGreaterThan(0.4);
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.validationAccuracy).toBeGreaterThan(0.95);
    expect(last.validationMetrics?.f1).toBeGreaterThan(0.95);
    expect(last.validationMetrics?.mAP).toBeGreaterThan(0.98);
  });

  test('evaluate: multi-hot labels, their predictions, and a confusion of 0 and 1', async () => {
    const { model, options } = setup();
    await fit(model, options);
    const data = quarters(50, 2);
    const metrics = { f1: new AverageScore('f1') };
    const measured = await evaluate(model, new DataLoader(data, { batchSize: 16 }), { metrics });
    const { count, labels, predictions, confusion, accuracy, top5, loss } = measured;
    expect([count, labels.length, predictions.length, confusion.total]).toEqual([50, 200, 200, 200]);
    expect([...labels.subarray(0, 8)]).toEqual([...data.multiHot(0), ...data.multiHot(1)]);
    expect(accuracy).toBe(labels.filter((label, i) => label === predictions[i]).length / 200);
    expect(accuracy).toBe(confusion.accuracy);
    expect(top5).toBeUndefined();
    expect(loss).toBeLessThan(0.3);
    const { f1 } = averageScores(multiLabelScores(predictions, labels, 4), 'macro');
    expect(measured.metrics?.f1).toBeCloseTo(f1, 12);
  });

  test('micro-batches give the step of whole batches', async () => {
    const losses: number[][] = [];
    for (const microBatchSize of [16, 5]) {
      manualSeed(3);
      const { model, options } = setup({ microBatchSize, epochs: 2 });
      losses.push((await fit(model, options)).stepLoss);
    }
    losses[0].forEach((loss, i) => {
      expect(losses[1][i]).toBeCloseTo(loss, 5);
    });
  });

  test.each([
    ['mixup', mixup({ alpha: 1 })],
    ['cutmix', cutmix()],
  ])('%s mixes the multi-hot labels of the images that it mixes', (_, mix) => {
    const data = quarters(6);
    for (const { x, labels } of new DataLoader(data, { batchSize: 6 })) {
      const mixed = mix({ x, labels }, new RandomStream('mix'));
      const ones = new DataLoader(subset(data, [0, 1, 2, 3, 4, 5]), { batchSize: 6 });
      for (const batch of ones) {
        // The same draws with numbers of images for labels tell which went with which.
        const { otherLabels } = mix({ x: batch.x, labels: Int32Array.of(0, 1, 2, 3, 4, 5) }, new RandomStream('mix'));
        expect([...mixed.otherLabels]).toEqual([...otherLabels].flatMap((n) => [...data.multiHot(n)]));
      }
    }
  });
});
