import type { LoaderState } from '../data/loader.js';
import { crc32 } from '../io/crc32.js';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../io/safetensors.js';
import type { StateDict } from '../layers/module.js';
import type { OptimizerState } from '../optim/optimizerState.js';
import { FormatError } from '../tensor/errors.js';
import { type RandomState, randomState, restoreRandomState } from '../tensor/random.js';
import type { HistoryJson } from './history.js';
import type { RunningMean } from './metrics.js';
import type { TrainingRun } from './run.js';

/** What of a run is not tensors. JSON keeps every digit of a double. */
interface Progress {
  version: 1;
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
  optimizer: Omit<OptimizerState, 'tensors'>;
  callbacks: unknown[];
}

/**
 * Everything that decides the rest of a run, as one file: model, optimiser, random streams, the loader's place, history, and
 * what callbacks carry.
 *
 * The bytes are a safetensors file: tensors `model.*`, `optimizer.*` and `callback.<number>.*`, and the rest as JSON in the
 * metadata `checkpoint`, with a checksum of it all in `crc32`.
 */
export function writeCheckpoint(run: TrainingRun): Uint8Array {
  const { model, options, callbacks } = run;
  const { tensors: slots, ...optimizer } = options.optimizer.stateDict();
  const saved = callbacks.map((callback) => callback.saveState?.() ?? { values: null });
  const progress: Progress = {
    version: 1,
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
    optimizer,
    callbacks: saved.map(({ values }) => values ?? null),
  };
  const tensors: StateDict = new Map();
  const addAll = (prefix: string, state: StateDict): void => {
    for (const [name, entry] of state) tensors.set(`${prefix}.${name}`, entry);
  };
  addAll('model', model.stateDict());
  addAll('optimizer', slots);
  for (const [i, { tensors: own }] of saved.entries()) addAll(`callback.${i}`, own ?? new Map());
  const json = JSON.stringify(progress);
  return writeSafetensors(tensors, { checkpoint: json, crc32: checksum(json, tensors) });
}

/**
 * Puts a run, its model and optimiser, the random streams and the loader where `writeCheckpoint` found them.
 *
 * Throws `FormatError` for bytes that are no checkpoint, `StateDictError` when model or optimiser are not those it was made with.
 */
export function readCheckpoint(run: TrainingRun, bytes: Uint8Array): void {
  const { progress, tensors } = parse(bytes);
  const { model, options, callbacks } = run;
  const part = (prefix: string): StateDict =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(`${prefix}.`))
        .map(([name, entry]) => [name.slice(prefix.length + 1), entry]),
    );
  if (progress.callbacks.length !== callbacks.length) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written with ${progress.callbacks.length} callbacks, but there are ${callbacks.length}. Pass the same ones in the same order.`,
    );
  }
  // The model's old weights come back should the optimiser refuse its state.
  const before = model.stateDict();
  model.loadStateDict(part('model'));
  try {
    options.optimizer.loadStateDict({ ...progress.optimizer, tensors: part('optimizer') });
    if (progress.loader !== null) options.train.restore?.(progress.loader);
  } catch (error) {
    model.loadStateDict(before);
    throw error;
  }
  callbacks.forEach((callback, i) => {
    callback.loadState?.({ values: progress.callbacks[i], tensors: part(`callback.${i}`) });
  });
  restoreRandomState(progress.random);
  run.epochRandom = progress.epochRandom;
  run.epoch = progress.epoch;
  run.batch = progress.batch;
  run.step = progress.step;
  run.seconds = progress.seconds;
  run.loss.state = progress.loss;
  run.accuracy.state = progress.accuracy;
  run.history.restore(progress.history);
}

function parse(bytes: Uint8Array): { progress: Progress; tensors: StateDict } {
  const { checkpoint: json, crc32: expected } = readSafetensorsMetadata(bytes);
  if (json === undefined) {
    throw new FormatError('readCheckpoint: these bytes are a safetensors file, but no checkpoint of a training run.');
  }
  const tensors = readSafetensors(bytes);
  if (checksum(json, tensors) !== expected) {
    throw new FormatError('readCheckpoint: the checkpoint is damaged: its content does not match its checksum.');
  }
  const progress = JSON.parse(json) as Progress;
  if (progress.version !== 1) {
    throw new FormatError(
      `readCheckpoint: the checkpoint has version ${progress.version}; this library reads version 1.`,
    );
  }
  return { progress, tensors };
}

/** CRC-32 of the JSON and the tensors' values, in order. */
function checksum(json: string, tensors: StateDict): string {
  const text = new TextEncoder().encode(json);
  let length = text.length;
  for (const { data } of tensors.values()) length += data.byteLength;
  const all = new Uint8Array(length);
  all.set(text);
  let at = text.length;
  for (const { data } of tensors.values()) {
    all.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return crc32(all).toString(16).padStart(8, '0');
}
