import { ImageClassifier } from '../imageClassifier.js';
import type { PhotoView } from '../photoViews.js';
import { TransferModel } from '../transferModel.js';
import type { Backbone } from './backbone.js';
import { blend, crossEntropies, isClearlyLower, SHARES } from './blend.js';
import { calibrated } from './calibrate.js';
import { expectEnough } from './enough.js';
import { FeatureCache } from './featureCache.js';
import { type FeatureTable, featuresOf } from './features.js';
import { type FineTuned, fineTune, type HeldOutOutputs, heldOutLogits } from './fineTune.js';
import { heldOutMeasured, heldOutSplit } from './heldOut.js';
import type { LinearWeights } from './linearHead.js';
import type { TrainClassifierOptions } from './options.js';
import { choose, outputsOf, type PhotoList, targetsOf } from './photoList.js';
import { resumable } from './resumable.js';
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
  expectEnough(list, table);
  const { kind, classes } = list;
  const outputs = outputsOf(list);
  const head = await trainHead(table, outputs, seed, (done, total) => onProgress?.({ phase: 'head', done, total }));
  const readable = choose(list, table.photos);
  const { width } = table;
  const model = new TransferModel(backbone.model, {
    features: width,
    numClasses: outputs,
    featureNorm: head.featureNorm,
  });
  const bare = new ImageClassifier(model.eval(), { kind, classes, preprocessing: backbone.preprocessing });
  const tunedOne = part === 'none' ? null : await tuned(bare, head, readable, part, options);
  if (tunedOne !== null && tunedOne.classifier !== null) {
    return { ...tunedOne, classifier: tunedOne.classifier, skipped: table.skipped };
  }
  setHead(model, head.weights);
  const classifier = calibrated(bare, head.heldOut, targetsOf(table));
  const heldOut = heldOutMeasured(classifier, 'cross-validation', readable, head.heldOut);
  return { classifier, heldOut, skipped: table.skipped, history: tunedOne?.history ?? null };
}

interface Tuned extends Omit<Trained, 'skipped' | 'classifier'> {
  /** Null where the last layer alone is better on held-out photographs; the backbone is then as it was. */
  readonly classifier: ImageClassifier | null;
}

async function tuned(
  bare: ImageClassifier,
  head: TrainedHead,
  list: PhotoList,
  part: FineTuned,
  options: TrainClassifierOptions,
): Promise<Tuned> {
  const { seed = 0, signal, epochs = 10, learningRate = 1e-4, batchSize = 16, onProgress, callbacks = [] } = options;
  const { train, heldOut, seen } = heldOutSplit(list, seed);
  const model = bare.model as TransferModel;
  const how = bare.settings.preprocessing;
  // The layer that training starts from has not seen what is held out, so that both can be compared.
  setHead(model, head.fitOn(seen));
  const before = { weights: model.stateDict(), ...(await heldOutLogits(model, heldOut, how)) };
  const { resume, callbacks: kept } = await resumable(model, options);
  const history = await fineTune(model, how, {
    ...{ train, heldOut, part, epochs, batchSize, learningRate, seed, signal, resume },
    callbacks: [progressOf(epochs, onProgress), ...callbacks, ...kept],
  });
  signal?.throwIfAborted();
  const after = model.stateDict();
  const outputs = outputsOf(list);
  const losses = (found: HeldOutOutputs): number[] => crossEntropies(found.logits, found.targets, outputs);
  const old = losses(before);
  let best: { loss: number; share: number; found: HeldOutOutputs } | undefined;
  for (const share of SHARES) {
    blend(model, before.weights, after, share);
    const found = await heldOutLogits(model, heldOut, how);
    const loss = mean(losses(found));
    if (best === undefined || loss < best.loss) best = { loss, share, found };
  }
  const { loss, share, found } = best as { loss: number; share: number; found: HeldOutOutputs };
  const classifier = calibrated(bare, found.logits, found.targets);
  const measuredOne = heldOutMeasured(classifier, 'held out', choose(heldOut, found.photos), found.logits);
  if (isClearlyLower(losses(found), old)) {
    blend(model, before.weights, after, share);
    return { classifier, heldOut: measuredOne, history };
  }
  options.onNote?.(
    `fine-tuning did not clearly help: the loss on ${old.length} held-out photographs was ${mean(old).toFixed(3)} before and ${loss.toFixed(3)} after. The last layer alone is kept.`,
  );
  model.loadStateDict(before.weights);
  return { classifier: null, heldOut: measuredOne, history };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function setHead({ head }: TransferModel, { weight, bias }: LinearWeights): void {
  head.weight.dataToOverwrite.set(weight);
  head.bias?.dataToOverwrite.set(bias);
}
