import { datasetChecksum } from '../data/datasetChecksum.js';
import type { LoaderState } from '../data/loader.js';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../io/safetensors.js';
import type { StateDict } from '../layers/module.js';
import type { OptimizerState } from '../optim/optimizerState.js';
import { DataError, FormatError } from '../tensor/errors.js';
import { type RandomState, randomState, restoreRandomState } from '../tensor/random.js';
import type { BatchSource } from './batches.js';
import { isIntact, isSealed, seal, UNSEALED } from './checkpointSeal.js';
import type { HistoryJson } from './history.js';
import type { RunningMean } from './metrics.js';
import type { TrainingRun } from './run.js';

/** Of the present format. A change of what is written, or of what it means, is another version. */
const VERSION = '2';

/** What of a run is not tensors. JSON keeps every digit of a double. */
interface Progress {
  epoch: number;
  batch: number;
  step: number;
  seconds: number;
  loss: RunningMean['state'];
  accuracy: RunningMean['state'];
  history: HistoryJson;
  random: RandomState;
  epochRandom: RandomState;
  loader: LoaderState | null;
  data: DataChecksums;
  optimizer: Omit<OptimizerState, 'tensors'>;
  callbacks: unknown[];
  /** `TrainingRun.parts` by name; absent in files written before there were any. */
  parts?: Record<string, unknown> | undefined;
  /** Seconds on the run's clock. */
  clock?: number | undefined;
}

/** What `datasetChecksum` gives for the images of a run; null where a source does not tell its data set. */
export interface DataChecksums {
  train: string | null;
  validation: string | null;
}

/** What a checkpoint tells without a run to put it into. */
export interface CheckpointContent {
  /** Whole epochs behind it. */
  epoch: number;
  /** Batches of the next epoch behind it. */
  batch: number;
  /** Optimiser steps behind it. */
  step: number;
  history: HistoryJson;
  data: DataChecksums;
  /** The weights, for `model.loadStateDict`. */
  model: StateDict;
}

/**
 * Everything that decides the rest of a run, as one file: model, optimiser, random streams, the loader's place, history, averaged
 * weights, and what callbacks carry.
 *
 * The bytes are a safetensors file: tensors `model.*`, `optimizer.*`, `part.<name>.*` and `callback.<number>.*`, and the rest as JSON in the
 * metadata `checkpoint`. The metadata `crc32` is a checksum of all bytes of the file.
 */
export function writeCheckpoint(run: TrainingRun): Uint8Array {
  const { model, options, callbacks } = run;
  const { tensors: slots, ...optimizer } = options.optimizer.stateDict();
  const saved = callbacks.map((callback) => callback.saveState?.() ?? { values: null });
  const parts = [...run.parts()].map(([name, part]) => [name, part.saveState?.() ?? { values: null }] as const);
  const progress: Progress = {
    epoch: run.epoch,
    batch: run.batch,
    step: run.step,
    seconds: run.seconds,
    loss: run.loss.state,
    accuracy: run.accuracy.state,
    history: run.history.toJSON(),
    random: randomState(),
    epochRandom: run.epochRandom,
    loader: options.train.state?.() ?? null,
    data: dataChecksums(run),
    optimizer,
    callbacks: saved.map(({ values }) => values ?? null),
    parts: Object.fromEntries(parts.map(([name, { values }]) => [name, values ?? null])),
    clock: run.clock.seconds,
  };
  const tensors: StateDict = new Map();
  const addAll = (prefix: string, state: StateDict): void => {
    for (const [name, entry] of state) tensors.set(`${prefix}.${name}`, entry);
  };
  addAll('model', model.stateDict());
  addAll('optimizer', slots);
  for (const [i, { tensors: own }] of saved.entries()) addAll(`callback.${i}`, own ?? new Map());
  for (const [name, { tensors: own }] of parts) addAll(`part.${name}`, own ?? new Map());
  const metadata = { crc32: UNSEALED, version: VERSION, checkpoint: JSON.stringify(progress) };
  const bytes = writeSafetensors(tensors, metadata);
  seal(bytes);
  return bytes;
}

/**
 * Puts a run, its model and optimiser, the random streams and the loader where `writeCheckpoint` found them.
 *
 * Throws `FormatError` for bytes that are no checkpoint, or a damaged one, or one of another version; `StateDictError` when model
 * or optimiser are not those it was made with; `DataError` when the images are not. Model, optimiser and loader are then as
 * they were.
 */
export function readCheckpoint(run: TrainingRun, bytes: Uint8Array): void {
  const { progress, tensors } = parse('readCheckpoint', bytes);
  const { model, options, callbacks } = run;
  const { optimizer, train } = options;
  if (progress.callbacks.length !== callbacks.length) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written with ${progress.callbacks.length} callbacks, but there are ${callbacks.length}. Pass the same ones in the same order.`,
    );
  }
  const parts = run.parts();
  const [written, wanted] = [Object.keys(progress.parts ?? {}), [...parts.keys()]].map((names) =>
    names.sort().join(', '),
  );
  if (written !== wanted) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written with ${written || 'no average, lookahead or metrics'}, but this run has ${wanted || 'none'}. Pass the same options to fit.`,
    );
  }
  if (!options.allowOtherData) refuseOtherData(progress.data, dataChecksums(run));
  const before = { model: model.stateDict(), optimizer: optimizer.stateDict(), loader: train.state?.() };
  try {
    model.loadStateDict(part(tensors, 'model'));
    optimizer.loadStateDict({ ...progress.optimizer, tensors: part(tensors, 'optimizer') });
    if (progress.loader !== null) train.restore?.(progress.loader);
    for (const [name, own] of parts) {
      own.loadState?.({ values: progress.parts?.[name], tensors: part(tensors, `part.${name}`) });
    }
    callbacks.forEach((callback, i) => {
      callback.loadState?.({ values: progress.callbacks[i], tensors: part(tensors, `callback.${i}`) });
    });
  } catch (error) {
    model.loadStateDict(before.model);
    optimizer.loadStateDict(before.optimizer);
    if (before.loader !== undefined) train.restore?.(before.loader);
    throw error;
  }
  restoreRandomState(progress.random);
  run.epochRandom = progress.epochRandom;
  run.epoch = progress.epoch;
  run.batch = progress.batch;
  run.step = progress.step;
  run.seconds = progress.seconds;
  run.clock.seconds = progress.clock ?? 0;
  run.loss.state = progress.loss;
  run.accuracy.state = progress.accuracy;
  run.history.restore(progress.history);
}

/**
 * What stands in a checkpoint, after a look at its checksum.
 *
 * Throws `FormatError` for bytes that are no checkpoint, or a damaged one, or one of another version.
 *
 * @example
 * model.loadStateDict(inspectCheckpoint(bytes).model);
 */
export function inspectCheckpoint(bytes: Uint8Array): CheckpointContent {
  const { progress, tensors } = parse('inspectCheckpoint', bytes);
  const { epoch, batch, step, history, data } = progress;
  return { epoch, batch, step, history, data, model: part(tensors, 'model') };
}

/** The checksum is looked at first: what is damaged is not believed in anything else. */
function parse(who: string, bytes: Uint8Array): { progress: Progress; tensors: StateDict } {
  if (!isSealed(bytes)) {
    const older = readSafetensorsMetadata(bytes).checkpoint !== undefined;
    throw new FormatError(
      older
        ? `${who}: the checkpoint has version 1; this library reads version ${VERSION}.`
        : `${who}: these bytes are a safetensors file, but no checkpoint of a training run.`,
    );
  }
  if (!isIntact(bytes)) {
    throw new FormatError(`${who}: the checkpoint is damaged: its ${bytes.length} bytes do not match its checksum.`);
  }
  const { version, checkpoint: json } = readSafetensorsMetadata(bytes);
  if (version !== VERSION) {
    throw new FormatError(`${who}: the checkpoint has version ${version}; this library reads version ${VERSION}.`);
  }
  return { progress: JSON.parse(json) as Progress, tensors: readSafetensors(bytes) };
}

/** The tensors whose names begin with `prefix.`, without that. */
function part(tensors: StateDict, prefix: string): StateDict {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, entry]) => [name.slice(prefix.length + 1), entry]),
  );
}

function dataChecksums({ options }: TrainingRun): DataChecksums {
  const of = (source: BatchSource | undefined): string | null =>
    source?.dataset === undefined ? null : datasetChecksum(source.dataset);
  return { train: of(options.train), validation: of(options.validation) };
}

function refuseOtherData(saved: DataChecksums, present: DataChecksums): void {
  for (const use of ['train', 'validation'] as const) {
    if (saved[use] === null || present[use] === null || saved[use] === present[use]) continue;
    throw new DataError(
      `readCheckpoint: the ${use === 'train' ? 'training' : 'validation'} images are not those that the checkpoint was made with: their checksum is ${present[use]}, in the checkpoint it is ${saved[use]}. Resume with the same data set, or pass allowOtherData: true.`,
    );
  }
}
