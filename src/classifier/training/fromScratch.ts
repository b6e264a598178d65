import { manualSeed } from '../../base/random.js';
import { DataLoader } from '../../data/loader.js';
import { colorJitter } from '../../data/transforms/index.js';
import { createModel, type ModelName, models } from '../../models/index.js';
import { AdamW } from '../../optim/adamw.js';
import { cosineSchedule } from '../../optim/cyclicSchedules.js';
import { warmup } from '../../optim/schedules.js';
import { bestWeights } from '../../train/callbacks.js';
import { fit } from '../../train/fit.js';
import { ImageClassifier } from '../imageClassifier.js';
import { preprocessing } from '../preprocessing.js';
import { calibrated } from './calibrate.js';
import { expectEnough } from './enough.js';
import { heldOutLogits } from './fineTune.js';
import { heldOutMeasured, heldOutSplit } from './heldOut.js';
import type { TrainClassifierOptions } from './options.js';
import { choose, outputsOf, type PhotoList } from './photoList.js';
import { resumable } from './resumable.js';
import { progressOf, type Trained } from './trained.js';

/** A small network that trains in minutes, on small images. */
const USUAL = 'resnet20';
const USUAL_SIZE = 64;

/** Trains a network from random weights: on random parts of photographs, mirrored and with changed colors. */
export async function trainFromScratch(list: PhotoList, options: TrainClassifierOptions): Promise<Trained> {
  const { seed = 0, epochs = 30, learningRate = 2e-3, batchSize = 32, architecture = USUAL, signal } = options;
  expectEnough(list, list);
  const { train, heldOut } = heldOutSplit(list, seed);
  manualSeed(seed);
  const { kind, classes } = list;
  const model = createModel(architecture as string, { numClasses: outputsOf(list) });
  const side = architecture === USUAL ? USUAL_SIZE : models[architecture as ModelName].inputShape[1];
  const how = preprocessing(
    options.preprocessing ?? {
      size: side,
      shortSide: Math.round((8 / 7) * side),
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
  );
  const normalize = { mean: how.mean, std: how.std };
  const shared = { size: how.size, filter: how.filter, onError: 'skip' } as const;
  const loader = new DataLoader(await train.dataset({ ...shared, augment: { scale: [0.25, 1] } }), {
    ...{ batchSize: Math.min(batchSize, train.paths.length), shuffle: true, dropLast: true, seed, normalize },
    transform: colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2 }),
  });
  const validation = new DataLoader(await heldOut.dataset({ ...shared, shortSide: how.shortSide }), {
    batchSize: 32,
    normalize,
  });
  const { resume, callbacks: kept } = await resumable(model, options);
  const steps = epochs * loader.length;
  const ramp = Math.max(1, Math.round(0.1 * steps));
  const history = await fit(model, {
    train: loader,
    validation,
    optimizer: new AdamW(model.parameters(), { learningRate, weightDecay: 0.05 }),
    epochs,
    schedule: warmup(cosineSchedule(learningRate, { steps: Math.max(1, steps - ramp) }), ramp),
    signal,
    resume,
    callbacks: [progressOf(epochs, options.onProgress), ...(options.callbacks ?? []), ...kept, bestWeights()],
  });
  signal?.throwIfAborted();
  const { logits, targets, photos } = await heldOutLogits(model, heldOut, how);
  const classifier = calibrated(new ImageClassifier(model, { kind, classes, preprocessing: how }), logits, targets);
  return {
    classifier,
    heldOut: heldOutMeasured(classifier, 'held out', choose(heldOut, photos), logits),
    skipped: [],
    history,
  };
}
