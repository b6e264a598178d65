import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  calibrated,
  evaluateClassifier,
  ImageClassifier,
  type MeasuredLabels,
  runTraining,
  type TrainingResult,
  trainingReport,
} from '../../src/classifier/index.js';
import { crossEntropies } from '../../src/classifier/training/blend.js';
import { rarestLabels } from '../../src/classifier/training/folds.js';
import { measuredLabels } from '../../src/classifier/training/measuredLabels.js';
import { createModel } from '../../src/index.js';
import { drawLabeled, drawPhotos, saveDrawnBackbone } from '../../testing/drawnPhotos.js';

const folder = mkdtempSync(join(tmpdir(), 'multi-label-'));
const photos = join(folder, 'photos');
const backbone = join(folder, 'backbone.safetensors');

beforeAll(async () => {
  const labels = drawLabeled(photos, 60);
  // Every fifth one is kept apart; the last one is labeled wrongly.
  const rows = Object.entries(labels).map(([file, own], i) =>
    [file, i === 58 ? 'stripes' : own.join(';'), i % 5 === 0 ? 'test' : 'train'].join(','),
  );
  writeFileSync(join(photos, 'labels.csv'), ['file,labels,split', ...rows].join('\n'));
  await saveDrawnBackbone(backbone);
});

describe('a folder whose photographs have several labels or none', () => {
  let result: TrainingResult;
  let test_: MeasuredLabels;

  test('makes a classifier of several labels, with a threshold for each', async () => {
    result = await runTraining(photos, { backbone });
    if (result.test?.kind !== 'multi-label') throw new Error('the test part must be measured label by label');
    test_ = result.test;
    const { kind, classes, thresholds, operatingPoints } = result.classifier.settings;
    expect([kind, classes.map(({ name }) => name)]).toEqual(['multi-label', ['dots', 'stripes']]);
    expect(thresholds?.every((threshold) => threshold > 0 && threshold < 1)).toBe(true);
    expect(operatingPoints?.images).toBe(48);
    expect(test_.predictions).toHaveLength(12);
    expect(test_.meanAveragePrecision).toBeGreaterThan(0.9);
    expect(test_.meanF1).toBeGreaterThan(0.85);
    expect(result.classifier.settings.info).toMatchObject({ meanF1: Number(test_.meanF1.toFixed(4)) });
  });

  test('names the label that is wrong', () => {
    const [first] = result.suspects.filter(({ path }) => path.endsWith('58.png'));
    expect(['not dots', 'stripes']).toContain(first.label);
  });

  test('the file answers with all labels that reach their thresholds, and is measured the same', async () => {
    const path = join(folder, 'labels.safetensors');
    await result.classifier.save(path);
    const loaded = await ImageClassifier.load(path);
    const measured = await evaluateClassifier(loaded, photos);
    expect(measured).toMatchObject({ kind: 'multi-label', meanF1: test_.meanF1, accuracy: test_.accuracy });
    const answers = await loaded.classify([0, 1, 2, 3].map((i) => join(photos, `${i}.png`)));
    expect(answers.map(({ labels }) => labels.map(({ name }) => name).sort())).toEqual([
      ['dots', 'stripes'],
      [],
      ['dots'],
      ['stripes'],
    ]);
  });

  test('the report has a line per label', async () => {
    const page = await trainingReport(result);
    for (const text of ['2 labels, measured on 12', 'mean average precision', '<th>dots</th>', 'Labels missed']) {
      expect(page).toContain(text);
    }
    expect(page).not.toContain('Confusion matrix');
  });

  test('fine-tuning takes the sum of both losses', async () => {
    const { history, classifier } = await runTraining(photos, {
      backbone,
      fineTune: 'last',
      epochs: 1,
      batchSize: 8,
      perClass: 8,
    });
    expect(history?.epochs).toHaveLength(1);
    expect(classifier.settings.kind).toBe('multi-label');
  });

  test('a classifier of one answer is not measured on it', async () => {
    const drawnOnes = join(folder, 'drawn');
    drawPhotos(drawnOnes);
    const yesNo = await runTraining(drawnOnes, { backbone, kind: 'binary', positive: 'dots' });
    await expect(evaluateClassifier(yesNo.classifier, photos)).rejects.toThrow(
      "of kind 'binary', which gives one answer",
    );
    // Yes and no: one logit, the threshold decides, and the labeled class counts as yes.
    expect(yesNo.classifier.settings).toMatchObject({
      kind: 'binary',
      classes: [{ name: 'stripes' }, { name: 'dots' }],
    });
    expect(yesNo.test).toMatchObject({ kind: 'binary', classes: ['stripes', 'dots'] });
    expect(yesNo.test?.accuracy).toBeGreaterThanOrEqual(0.9);
    const { labels } = await yesNo.classifier.classify(join(drawnOnes, 'val/dots/3.png'));
    expect(labels.map(({ name }) => name)).toEqual(['dots']);
    // A folder per class is measured by a classifier of several labels, too.
    const measured = await evaluateClassifier(result.classifier, drawnOnes);
    expect(measured.predictions.every(({ shows }) => shows.length === 1)).toBe(true);
  });

  test('refuses kinds that do not fit', async () => {
    await expect(runTraining(photos, { kind: 'binary' })).rejects.toThrow('multiLabel is false');
    await expect(runTraining(photos, { kind: 'many' as never })).rejects.toThrow("kind is 'many'");
    await expect(runTraining(photos, { positive: 'dots' })).rejects.toThrow("Pass kind: 'binary'");
    const all = join(folder, 'all.json');
    writeFileSync(all, JSON.stringify({ '0.png': ['a', 'b'], '1.png': ['a', 'b'], '2.png': ['a'], '3.png': ['a'] }));
    await expect(runTraining(photos, { backbone, labels: all })).rejects.toThrow('all but 0 of the photographs');
  });
});

describe('by hand', () => {
  test('the figures of two labels', () => {
    const predictions = [
      { path: 'a', marks: Uint8Array.of(1, 0), confidences: Float64Array.of(0.9, 0.2) },
      { path: 'b', marks: Uint8Array.of(0, 1), confidences: Float64Array.of(0.6, 0.4) },
      { path: 'c', marks: Uint8Array.of(1, 1), confidences: Float64Array.of(0.3, 0.7) },
    ];
    const { labels, accuracy, meanAveragePrecision, microF1 } = measuredLabels(
      'm',
      ['x', 'y'],
      [0.5, 0.3],
      predictions,
      [],
    );
    expect(labels[0]).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1, f1: 0.5 });
    expect(labels[1]).toMatchObject({ truePositives: 2, falsePositives: 0, falseNegatives: 0, averagePrecision: 1 });
    expect(accuracy).toBeCloseTo(1 / 3);
    expect(meanAveragePrecision).toBeCloseTo((1 + 5 / 6) / 2);
    expect(microF1).toBeCloseTo(6 / 8);
  });

  test('thresholds lie where F1 is largest', () => {
    const bare = new ImageClassifier(createModel('cifar_net', { numClasses: 2 }), {
      ...{ kind: 'multi-label', classes: ['x', 'y'] },
      preprocessing: { size: 32, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    });
    const logits = [3, 1, 2, -1, 1, -2, -4, -3];
    const { thresholds, temperature } = calibrated(bare, logits, [1, 1, 1, 0, 0, 0, 0, 0]).settings;
    const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z / temperature));
    expect(thresholds?.[0]).toBeCloseTo((sigmoid(2) + sigmoid(1)) / 2);
    expect(thresholds?.[1]).toBeCloseTo((sigmoid(1) + sigmoid(-1)) / 2);
  });

  test('losses of yes and no add up, and folds go by the rarest label', () => {
    const [loss] = crossEntropies(Float32Array.of(0, 0), [1, 0], 2);
    expect(loss).toBeCloseTo(2 * Math.log(2));
    expect(rarestLabels([Uint8Array.of(1, 1), Uint8Array.of(1, 0), Uint8Array.of(0, 0)], 2)).toEqual([1, 0, 2]);
  });
});
