import type { Dataset } from '../../data/dataset.js';
import type { Image } from '../../data/image.js';
import { type Batch, DataLoader } from '../../data/loader.js';
import { colorJitter, compose, type Transform } from '../../data/transforms/index.js';
import { BatchNorm2d } from '../../layers/batchNorm2d.js';
import type { Module } from '../../layers/module.js';
import { AdamW } from '../../optim/adamw.js';
import { cosineSchedule } from '../../optim/cyclicSchedules.js';
import { warmup } from '../../optim/schedules.js';
import type { Parameter } from '../../tensor/parameter.js';
import { bestWeights, type Callback, earlyStopping } from '../../train/callbacks.js';
import { evaluate } from '../../train/evaluate.js';
import { fit } from '../../train/fit.js';
import type { History } from '../../train/history.js';
import type { Preprocessing } from '../preprocessing.js';
import type { TransferModel } from '../transferModel.js';
import type { PhotoList } from './photoList.js';

/** How much of the backbone learns: its last third, or all of it. */
export type FineTuned = 'last' | 'all';

export interface FineTuning {
  readonly train: PhotoList;
  readonly heldOut: PhotoList;
  readonly part: FineTuned;
  readonly epochs: number;
  readonly batchSize: number;
  /** Of the last layer and the end of the backbone. */
  readonly learningRate: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  readonly callbacks: readonly Callback[];
  /** A checkpoint to go on from. */
  readonly resume: Uint8Array | undefined;
}

/** How much slower each third of the backbone learns than the one behind it. */
const SLOWER = 0.3;
/** Epochs without a better held-out loss before training stops. */
const PATIENCE = 4;

/**
 * Trains the backbone along with its new last layer, on random parts of photographs, mirrored and with changed colors. Early layers learn more
 * slowly than late ones (discriminative rates), batch norms keep their statistics, and the weights of the best epoch by held-out loss stay.
 *
 * Source: Howard and Ruder 2018, "Universal language model fine-tuning", section 3.2, for rates by depth.
 */
export async function fineTune(model: TransferModel, how: Preprocessing, options: FineTuning): Promise<History> {
  const { train, heldOut, part, epochs, batchSize, learningRate, seed, signal, callbacks, resume } = options;
  freezeNorms(model.backbone);
  const optimizer = new AdamW(groupsByDepth(model, part, learningRate), { learningRate, weightDecay: 0.01 });
  const loader = new DataLoader(await dataset(train, how, true), {
    batchSize: Math.min(batchSize, train.paths.length),
    shuffle: true,
    dropLast: true,
    seed,
    transform: compose(colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2 }), ...channels(how)),
    normalize: { mean: how.mean, std: how.std },
  });
  const validation = new DataLoader(await dataset(heldOut, how, false), {
    batchSize: 32,
    ...(how.colorOrder === 'BGR' && { transform: compose(...channels(how)) }),
    normalize: { mean: how.mean, std: how.std },
  });
  const steps = epochs * loader.length;
  const ramp = Math.max(1, Math.round(0.1 * steps));
  return fit(model, {
    train: loader,
    validation,
    optimizer,
    epochs,
    labelSmoothing: 0.05,
    schedule: warmup(cosineSchedule(learningRate, { steps: Math.max(1, steps - ramp) }), ramp),
    signal,
    resume,
    callbacks: [...callbacks, earlyStopping({ patience: PATIENCE }), bestWeights()],
  });
}

/** What a model gives for photographs that it did not learn from. */
export interface HeldOutOutputs {
  /** [N, K], row by row. */
  readonly logits: Float32Array;
  /** N class numbers, or N * K answers of 0 or 1. */
  readonly targets: number[];
  /** The numbers of the photographs in their list. */
  readonly photos: number[];
}

/** Logits [N, K] of a model for photographs that it did not learn from, with the numbers of those that could be read. */
export async function heldOutLogits(model: Module, list: PhotoList, how: Preprocessing): Promise<HeldOutOutputs> {
  const rows: Float32Array[] = [];
  const targets: number[] = [];
  const photos: number[] = [];
  const loader = new DataLoader(await dataset(list, how, false), {
    batchSize: 32,
    ...(how.colorOrder === 'BGR' && { transform: compose(...channels(how)) }),
    normalize: { mean: how.mean, std: how.std },
  });
  await evaluate(model, loader, {
    onBatch: (batch, logits) => {
      rows.push(Float32Array.from(logits.data));
      targets.push(...batch.labels);
      photos.push(...(batch as Batch).indices);
    },
  });
  const logits = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    logits.set(row, at);
    at += row.length;
  }
  return { logits, targets, photos };
}

/** Photographs as a data set, prepared as the classifier prepares them, or with `augment` at random. */
function dataset(list: PhotoList, how: Preprocessing, augment: boolean): Promise<Dataset> {
  const { size, shortSide, filter, fit } = how;
  return list.dataset({
    size,
    filter,
    mode: how.colorOrder === 'L' ? 'L' : 'RGB',
    onError: 'skip',
    // What is padded for answers is stretched in training: a photograph has no room to be cut from.
    fit: fit === 'crop' ? 'crop' : 'stretch',
    ...(augment ? { augment: { scale: [0.35, 1] } } : fit === 'crop' && { shortSide }),
  });
}

/** Batch norms keep their statistics: batches of a small folder would only blur them. */
function freezeNorms(model: Module): void {
  for (const [, module] of model.namedModules()) if (module instanceof BatchNorm2d) module.requiresGrad(false);
}

/** Thirds of the backbone by parameters, in their order, each with a rate of its own; with 'last', only the last third learns. */
function groupsByDepth(
  model: TransferModel,
  part: FineTuned,
  learningRate: number,
): { params: Parameter[]; learningRate: number }[] {
  const parameters = [...model.backbone.parameters()].filter(({ requiresGrad }) => requiresGrad);
  const total = parameters.length;
  const groups = [0, 1, 2].map((third) => ({
    params: parameters.filter((_, i) => Math.floor((3 * i) / total) === third),
    learningRate: learningRate * SLOWER ** (2 - third),
  }));
  if (part === 'last')
    for (const { params } of groups.splice(0, 2)) for (const each of params) each.requiresGrad = false;
  groups.push({ params: [...model.head.parameters()], learningRate });
  return groups.filter(({ params }) => params.length > 0);
}

/** Swaps red and blue, for networks that were trained so. */
function channels({ colorOrder }: Preprocessing): Transform[] {
  if (colorOrder !== 'BGR') return [];
  return [
    (image: Image) => {
      const { data, width, height } = image;
      const plane = width * height;
      const red = data.slice(0, plane);
      data.copyWithin(0, 2 * plane, 3 * plane);
      data.set(red, 2 * plane);
      return image;
    },
  ];
}
