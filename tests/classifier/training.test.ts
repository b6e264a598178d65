import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  evaluateClassifier,
  ImageClassifier,
  labelSuspects,
  runTraining,
  type TrainingResult,
  trainingReport,
} from '../../src/classifier/index.js';
import { blend, crossEntropies, isClearlyLower } from '../../src/classifier/training/blend.js';
import { minimize } from '../../src/classifier/training/lbfgs.js';
import { type Callback, createModel } from '../../src/index.js';
import { drawn, drawPhotos, saveDrawnBackbone } from '../../testing/drawnPhotos.js';

const folder = mkdtempSync(join(tmpdir(), 'train-classifier-'));
const photos = join(folder, 'photos');
const backbone = join(folder, 'backbone.safetensors');

beforeAll(async () => {
  drawPhotos(photos);
  // One label is wrong, and one file is no picture.
  writeFileSync(join(photos, 'train/dots/wrong.png'), drawn('stripes', 55));
  writeFileSync(join(photos, 'train/dots/broken.png'), new Uint8Array([1, 2, 3]));
  await saveDrawnBackbone(backbone);
});

/** The weights of its network, by name. */
function weightsOf(classifier: ImageClassifier): Map<string, number[]> {
  return new Map([...classifier.model.stateDict()].map(([name, { data }]) => [name, [...data]]));
}

describe('trainClassifier', () => {
  let result: TrainingResult;
  const cache = join(folder, 'features.safetensors');

  test('learns from a folder, even on features of random filters', async () => {
    const phases = new Set<string>();
    result = await runTraining(photos, { backbone, cache, onProgress: ({ phase }) => phases.add(phase) });
    expect(result.test?.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(result.classifier.classes).toEqual(['dots', 'stripes']);
    expect([...phases]).toEqual(['features', 'head', 'testing']);
    expect(result.photos).toBe(49);
  });

  test('names what it skipped, and the label that is wrong', () => {
    expect(result.skipped.map(({ path }) => path)).toEqual([join(photos, 'train/dots/broken.png')]);
    expect(result.notes.join()).toContain('broken.png');
    expect(result.suspects.map(({ path }) => path)).toContain(join(photos, 'train/dots/wrong.png'));
  });

  test('computes features once: from the cache comes the same classifier', async () => {
    const before = readFileSync(cache);
    const again = await runTraining(photos, { backbone, cache });
    expect(await again.classifier.toBytes()).toEqual(await result.classifier.toBytes());
    expect(readFileSync(cache).equals(before)).toBe(true);
  });

  test('saves a classifier that answers the same when it is loaded, with operating points', async () => {
    const path = join(folder, 'drawn.safetensors');
    await result.classifier.save(path);
    const loaded = await ImageClassifier.load(path);
    const measured = await evaluateClassifier(loaded, photos);
    expect(measured.accuracy).toBe(result.test?.accuracy);
    const { labels } = await loaded.classify(join(photos, 'val/stripes/3.png'), { precision: 0.8 });
    expect(labels[0].name).toBe('stripes');
    expect(loaded.settings.info.trainedOn).toBe('49 photographs of 2 classes');
  });

  test('the report is one page with the numbers, pictures and what was skipped', async () => {
    const page = await trainingReport(result, 'Dots & <stripes>');
    expect(page).toContain('<h1>Dots &amp; &lt;stripes&gt;</h1>');
    for (const title of [
      'Confusion matrix',
      'Classes',
      'Calibration',
      'Labels that may be wrong',
      'Skipped and noted',
    ]) {
      expect(page).toContain(`<h2>${title}</h2>`);
    }
    expect(page).toContain('data:image/png;base64,');
    expect(page).toContain('broken.png');
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
  });

  test('fine-tunes the backbone, and keeps what it was where that is no worse', async () => {
    const tuned = await runTraining(photos, { backbone, cache, fineTune: 'all', epochs: 2, batchSize: 8 });
    expect(tuned.history?.epochs).toHaveLength(2);
    expect(tuned.test?.accuracy).toBeGreaterThanOrEqual(0.8);
    const [first, second] = [result, tuned].map(({ classifier }) => [...classifier.model.parameters()][0].data.slice());
    const isKept = tuned.notes.some((note) => note.startsWith('fine-tuning did not clearly help'));
    if (isKept) expect(second).toEqual(first);
    else expect(second).not.toEqual(first);
    expect(await trainingReport(tuned)).toContain('<h2>Curves</h2>');
  }, 60_000);

  test('trains from scratch without a backbone', async () => {
    const scratch = await runTraining(photos, {
      architecture: 'cifar_net',
      preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      epochs: 3,
      batchSize: 8,
    });
    expect(scratch.classifier.settings.preprocessing.size).toEqual([32, 32]);
    expect(scratch.history?.epochs.length).toBeGreaterThan(0);
    expect(scratch.heldOut.predictions.length).toBeGreaterThan(5);
  }, 60_000);

  test('goes on where it was stopped, to the same bytes, and only with the same options', async () => {
    const scratch = {
      architecture: 'cifar_net',
      preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      epochs: 2,
      batchSize: 8,
    } as const;
    const whole = await runTraining(photos, { ...scratch, checkpoints: join(folder, 'whole') });
    const abort = new AbortController();
    const checkpoints = join(folder, 'stopped');
    const stop: Callback = { onStep: ({ step }) => void (step === 4 && abort.abort()) };
    const stopped = runTraining(photos, { ...scratch, checkpoints, signal: abort.signal, callbacks: [stop] });
    await expect(stopped).rejects.toThrow('abort');
    const notes: string[] = [];
    const resumed = {
      ...scratch,
      checkpoints,
      resume: true,
      callbacks: [stop],
      onNote: (note: string) => notes.push(note),
    };
    const { classifier, history } = await runTraining(photos, resumed);
    expect(notes.join()).toContain('training goes on from step 4 ');
    expect(history?.steps).toBe(whole.history?.steps);
    expect(weightsOf(classifier)).toEqual(weightsOf(whole.classifier));
    await expect(runTraining(photos, { ...resumed, batchSize: 4 })).rejects.toThrow(
      'keeps a run with batchSize 8, but this one has 4',
    );
    await expect(runTraining(photos, { resume: true })).rejects.toThrow('resume needs checkpoints');
  }, 60_000);

  test('goes on with fine-tuning, too', async () => {
    const tuning = { backbone, cache, fineTune: 'all', epochs: 2, batchSize: 8 } as const;
    const whole = await runTraining(photos, tuning);
    const abort = new AbortController();
    const checkpoints = join(folder, 'tuning');
    const stop: Callback = { onStep: ({ step }) => void (step === 3 && abort.abort()) };
    const stopped = runTraining(photos, { ...tuning, checkpoints, signal: abort.signal, callbacks: [stop] });
    await expect(stopped).rejects.toThrow('abort');
    const { history, classifier } = await runTraining(photos, {
      ...tuning,
      checkpoints,
      resume: true,
      callbacks: [stop],
    });
    expect(history?.steps).toBe(whole.history?.steps);
    expect(weightsOf(classifier)).toEqual(weightsOf(whole.classifier));
  }, 60_000);

  test('stops when its signal is aborted', async () => {
    const abort = new AbortController();
    const stopped = runTraining(photos, { backbone, signal: abort.signal, onProgress: () => abort.abort() });
    await expect(stopped).rejects.toThrow('abort');
  });

  test('refuses folders and options that make no classifier', async () => {
    const one = join(folder, 'one');
    mkdirSync(join(one, 'a'), { recursive: true });
    writeFileSync(join(one, 'a/1.png'), drawn('dots', 1));
    await expect(runTraining(one, { backbone })).rejects.toThrow("there is only the class 'a'");
    await expect(runTraining(photos, { fineTune: 'some' as never })).rejects.toThrow("fineTune is 'some'");
    await expect(runTraining(join(folder, 'none'), {})).rejects.toThrow('none');
    const weights = join(folder, 'weights.safetensors');
    const { saveWeights } = await import('../../src/node/index.js');
    await saveWeights(weights, createModel('cifar_net'));
    await expect(runTraining(photos, { backbone: weights })).rejects.toThrow('Pass the option architecture');
    rmSync(one, { recursive: true });
  });
});

describe('labelSuspects', () => {
  test('finds the picture whose other class is likelier than that class is for its own', () => {
    const confidences = [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.2, 0.8, 0.05, 0.95];
    // The last one is labeled 0, but looks like 1: class 1 has a mean of 0.85 for its own.
    expect(labelSuspects(confidences, [0, 0, 1, 1, 0], 2)).toEqual([{ index: 4, suggested: 1, margin: 0.95 - 0.05 }]);
  });
});

describe('minimize', () => {
  test('finds the minimum of a narrow valley', () => {
    const x = Float64Array.of(3, -4);
    const value = minimize(
      ([a, b], gradient) => {
        gradient[0] = 2 * (a - 1);
        gradient[1] = 200 * (b - 2);
        return (a - 1) ** 2 + 100 * (b - 2) ** 2;
      },
      x,
      { iterations: 100, tolerance: 1e-9 },
    );
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(2, 6);
    expect(value).toBeLessThan(1e-10);
  });
});

describe('blending weights', () => {
  test('gives the mean by shares', () => {
    const model = createModel('cifar_net');
    const [before, after] = [0, 4].map((value) => {
      const state = model.stateDict();
      for (const { data } of state.values()) data.fill(value);
      return state;
    });
    blend(model, before, after, 0.25);
    for (const [, { data }] of model.namedTensors()) expect([data[0], data.at(-1)]).toEqual([1, 1]);
  });

  test('losses are clearly lower when they fall by more than their standard error', () => {
    expect(isClearlyLower([0.1, 0.2, 0.1, 0.2], [0.3, 0.4, 0.2, 0.5])).toBe(true);
    expect(isClearlyLower([0.1, 0.2, 0.9, 0.2], [0.3, 0.4, 0.2, 0.5])).toBe(false);
    expect(isClearlyLower([0.3], [0.3])).toBe(false);
  });

  test('the cross-entropy of even logits is the logarithm of the classes', () => {
    expect(crossEntropies(Float32Array.of(1, 1, 5, 5), [0, 1], 2)).toEqual([Math.log(2), Math.log(2)]);
  });
});
