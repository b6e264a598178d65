import { describe, expect, test } from 'vitest';
import { AverageScore } from '../../src/metrics/averageScore.js';
import { Calibration, expectedCalibrationError } from '../../src/metrics/calibration.js';
import type { Metric } from '../../src/metrics/metric.js';
import { meanAveragePrecision, meanRocAuc } from '../../src/metrics/ranking.js';
import { MeanAveragePrecision, MeanRocAuc } from '../../src/metrics/rankingMetrics.js';
import { TopKAccuracy, topKAccuracy } from '../../src/metrics/topK.js';
import { Tensor } from '../../src/tensor/tensor.js';

const rows = [
  [3, 1, 2],
  [1, 2, 3],
  [2, 2, 0],
  [0, 5, 1],
  [1, 1, 1],
];
const labels = Int32Array.of(0, 1, 1, 1, 2);
const whole = Tensor.from(rows);

const metrics: [name: string, make: () => Metric, expected: number][] = [
  ['TopKAccuracy', () => new TopKAccuracy(2), topKAccuracy(whole, labels, 2)],
  // Class 0: found, with two wrong calls. Class 1: one of three. Class 2: not found, called once.
  ['AverageScore', () => new AverageScore('recall'), (1 + 1 / 3 + 0) / 3],
  ['Calibration', () => new Calibration(), expectedCalibrationError(whole, labels)],
  ['MeanAveragePrecision', () => new MeanAveragePrecision(), meanAveragePrecision(whole, labels)],
  ['MeanRocAuc', () => new MeanRocAuc(), meanRocAuc(whole, labels)],
];

describe.each(metrics)('%s', (_name, make, expected) => {
  test('in batches is what it is in one piece', () => {
    const metric = make();
    metric.update(Tensor.from(rows.slice(0, 2)), labels.slice(0, 2));
    metric.update(Tensor.from(rows.slice(2)), labels.slice(2));
    expect(metric.compute()).toBeCloseTo(expected, 14);
  });

  test('forgets when it is reset', () => {
    const metric = make();
    metric.update(Tensor.from([[0, 0, 9]]), Int32Array.of(0));
    metric.reset();
    expect(metric.compute()).toBeNaN();
    metric.update(whole, labels);
    expect(metric.compute()).toBeCloseTo(expected, 14);
  });

  test('goes on from its state, through JSON, as if nothing had happened', () => {
    const one = make();
    one.update(Tensor.from(rows.slice(0, 2)), labels.slice(0, 2));
    const two = make();
    two.update(Tensor.from([[0, 0, 9]]), Int32Array.of(0));
    two.loadState?.({ values: JSON.parse(JSON.stringify(one.saveState?.().values)), tensors: new Map() });
    for (const metric of [one, two]) metric.update(Tensor.from(rows.slice(2)), labels.slice(2));
    expect(two.compute()).toBe(one.compute());
    expect(make().compute()).toBeNaN();
  });
});

test.each([
  ['AverageScore', () => new AverageScore('f1')],
  ['MeanAveragePrecision', () => new MeanAveragePrecision()],
  ['MeanRocAuc', () => new MeanRocAuc()],
])('%s refuses another number of classes until it is reset', (name, make) => {
  const metric = make();
  metric.update(whole, labels);
  const two = Tensor.from([[1, 2]]);
  expect(() => metric.update(two, [1])).toThrow(`${name}: logits for 2 classes after others for 3.`);
  metric.reset();
  expect(() => metric.update(two, [1])).not.toThrow();
});

test('ranking metrics take multi-hot targets for images of several classes', () => {
  const metric = new MeanAveragePrecision();
  metric.update(Tensor.from([[2, 1]]), [1, 1]);
  metric.update(Tensor.from([[1, 2]]), [0, 0]);
  expect(metric.compute()).toBe((1 + 1 / 2) / 2);
  expect(() => metric.update(Tensor.from([[1, 2, 3]]), [0])).toThrow(
    'MeanAveragePrecision: logits for 3 classes after others for 2.',
  );
});

test('ranking metrics load the state of older checkpoints, where the targets are called marks', () => {
  const metric = new MeanAveragePrecision();
  metric.loadState({ values: { classes: 2, scores: [2, 1, 1, 2], marks: [1, 1, 0, 0] } });
  expect(metric.compute()).toBe((1 + 1 / 2) / 2);
  expect(metric.saveState().values).toEqual({ classes: 2, scores: [2, 1, 1, 2], targets: [1, 1, 0, 0] });
});
