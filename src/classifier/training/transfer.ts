import { ImageClassifier } from '../imageClassifier.js';
import type { PhotoView } from '../photoViews.js';
import { TransferModel } from '../transferModel.js';
import type { Backbone } from './backbone.js';
import { calibrated } from './calibrate.js';
import { expectEnough } from './enough.js';
import { FeatureCache } from './featureCache.js';
import { type FeatureTable, featuresOf } from './features.js';
import { type FineTuned, fineTune, heldOutLogits } from './fineTune.js';
import { heldOutMeasured, heldOutSplit } from './heldOut.js';
import type { TrainClassifierOptions } from './options.js';
import { choose, type PhotoList } from './photoList.js';
import { progressOf, type Trained } from './trained.js';
import { type TrainedHead, trainHead } from './trainHead.js';

/** Views that features are computed of: two scales, each with its mirror image. The first is what a classifier sees. */
const VIEWS: readonly PhotoView[] = [{}, { mirror: true }, { zoom: 0.875 }, { zoom: 0.875, mirror: true }];
/** Trains a new last layer on the features of a backbone, and then with `fineTune` the backbone too. */
export async function transfer(backbone: Backbone, list: PhotoList, options: TrainClassifierOptions): Promise<Trained> {
  const { seed = 0, signal, onProgress, fineTune: part = 'none' } = options;
  const cache = await FeatureCache.open(options.cache ?? null, backbone, VIEWS);
  let table: FeatureTable;
  try {
    table = await featuresOf(backbone, list, {
      views: VIEWS,
      cache,
      signal,
      onPhoto: (done, total) => onProgress?.({ phase: 'features', done, total }),
    });
  } finally {
    await cache.save();
  }
  expectEnough(list, table.labels);
  const { classes } = list;
  const head = await trainHead(table, classes.length, seed, (done, total) =>
    onProgress?.({ phase: 'head', done, total }),
  );
  const model = modelOf(backbone, table.width, head, classes.length);
  const bare = new ImageClassifier(model, { classes, preprocessing: backbone.preprocessing });
  const readable = choose(list, table.photos);
  if (part !== 'none') return { ...(await tuned(bare, model, readable, part, options)), skipped: table.skipped };
  const classifier = calibrated(bare, head.heldOut, table.labels);
  const heldOut = heldOutMeasured(classifier, 'cross-validation', readable, head.heldOut);
  return { classifier, heldOut, skipped: table.skipped, history: null };
}

async function tuned(
  bare: ImageClassifier,
  model: TransferModel,
  list: PhotoList,
  part: FineTuned,
  options: TrainClassifierOptions,
): Promise<Omit<Trained, 'skipped'>> {
  const { seed = 0, signal, epochs = 12, learningRate = 3e-4, batchSize = 16, onProgress, callbacks = [] } = options;
  const { train, heldOut } = heldOutSplit(list, seed);
  const how = bare.settings.preprocessing;
  const history = await fineTune(model, how, {
    ...{ train, heldOut, part, epochs, batchSize, learningRate, seed, signal },
    callbacks: [progressOf(epochs, onProgress), ...callbacks],
  });
  signal?.throwIfAborted();
  const { logits, labels, photos } = await heldOutLogits(model, heldOut, how);
  const classifier = calibrated(bare, logits, labels);
  return { classifier, heldOut: heldOutMeasured(classifier, 'held out', choose(heldOut, photos), logits), history };
}

function modelOf({ model }: Backbone, features: number, head: TrainedHead, numClasses: number): TransferModel {
  const { weights, featureNorm } = head;
  const made = new TransferModel(model, { features, numClasses, featureNorm });
  made.head.weight.dataToOverwrite.set(weights.weight);
  made.head.bias?.dataToOverwrite.set(weights.bias);
  return made.eval();
}
