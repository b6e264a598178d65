import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImageClassifier, quantizeClassifier } from '../../src/classifier/index.js';
import { QuantizedModel } from '../../src/edge/index.js';
import { createModel, manualSeed } from '../../src/index.js';
import { modelDigest } from '../../src/moderation/modelDigest.js';
import { networkDigest } from '../../src/search/networkDigest.js';
import { drawn, drawPhotos } from '../../testing/drawnPhotos.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-quantize-'));
const photos = join(folder, 'photos');
let classifier: ImageClassifier;

beforeAll(() => {
  drawPhotos(photos);
  writeFileSync(join(photos, 'train', 'dots', 'broken.png'), 'no picture');
  manualSeed(1);
  classifier = new ImageClassifier(createModel('resnet8', { numClasses: 2 }), {
    classes: ['dots', 'stripes'],
    preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    temperature: 1.5,
    info: { recipe: 'none' },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder gives ranges by its train part, and the cost by its val part; the file is a classifier like any other', async () => {
  const told: [number, number][] = [];
  const small = await quantizeClassifier(classifier, photos, {
    maxDrop: 1,
    calibrationPhotos: 30,
    onProgress: (...numbers) => told.push(numbers),
  });
  expect(told.at(-1)).toEqual([50, 50]);
  const { numbers } = small.model.report ?? {};
  expect(numbers).toMatchObject({ images: 20, onCalibration: false, weightBits: 8 });
  expect(numbers?.top1?.before).toBeGreaterThan(0);
  expect(small.settings).toEqual(classifier.settings);

  const path = join(folder, 'small.safetensors');
  await small.save(path);
  const again = await ImageClassifier.load(path);
  expect(again.model).toBeInstanceOf(QuantizedModel);
  expect(again.settings).toEqual(classifier.settings);
  const [photo] = [drawn('stripes', 3)];
  const [own, read, float] = await Promise.all([small, again, classifier].map((each) => each.classify(photo)));
  expect(read.labels).toEqual(own.labels);
  expect(own.labels[0].confidence).toBeCloseTo(float.labels[0].confidence, 1);
  await expect(small.toBytes('onnx')).rejects.toThrow(/saved as \.safetensors/);
});

test('a list of photographs has no labels: answers are compared; other integers have another digest', async () => {
  const list = Array.from({ length: 6 }, (_, i) => drawn(i % 2 === 0 ? 'dots' : 'stripes', i));
  const [eight, seven] = [
    await quantizeClassifier(classifier, list, { maxDrop: 1 }),
    await quantizeClassifier(classifier, list, { maxDrop: 1, weightBits: 7 }),
  ];
  expect(eight.model.report?.numbers).toMatchObject({ images: 6, onCalibration: true, top1: null });
  expect(await networkDigest(eight.model)).not.toBe(await networkDigest(seven.model));
  expect(modelDigest(eight)).not.toBe(modelDigest(seven));
});

test("photographs that can't be read are named, and options are checked", async () => {
  await expect(quantizeClassifier(classifier, [Uint8Array.of(1, 2, 3)])).rejects.toThrow(
    /no photograph can be read\. The first one: .*Uint8Array/,
  );
  await expect(quantizeClassifier(classifier, photos, { calibrationPhotos: 0 })).rejects.toThrow(
    'calibrationPhotos is 0',
  );
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(quantizeClassifier(classifier, photos, { signal: aborted })).rejects.toThrow('enough');
});
