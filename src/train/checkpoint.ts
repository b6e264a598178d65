import type { LoaderState } from '../data/loader.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
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

const MAGIC = 'STRIDENET CHECKPOINT\n';

/**
 * Everything that decides the rest of a run, as one file: model, optimiser, random streams, the loader's place, history, and
 * what callbacks carry.
 *
 * The bytes: the line 'STRIDENET CHECKPOINT', the length of the JSON as 4 bytes (little-endian), the JSON, and the tensors as a
 * safetensors file under the names `model.*`, `optimizer.*` and `callback.<number>.*`.
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
  return join(new TextEncoder().encode(JSON.stringify(progress)), writeSafetensors(tensors));
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

function join(json: Uint8Array, tensors: Uint8Array): Uint8Array {
  const magic = new TextEncoder().encode(MAGIC);
  const bytes = new Uint8Array(magic.length + 4 + json.length + tensors.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, json.length, true);
  bytes.set(json, magic.length + 4);
  bytes.set(tensors, magic.length + 4 + json.length);
  return bytes;
}

function parse(bytes: Uint8Array): { progress: Progress; tensors: StateDict } {
  const start = MAGIC.length + 4;
  if (bytes.length < start || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new FormatError(
      'readCheckpoint: these bytes are no checkpoint: they do not begin with STRIDENET CHECKPOINT.',
    );
  }
  const end = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (end > bytes.length) {
    throw new FormatError(
      `readCheckpoint: the checkpoint is cut off: its header ends at byte ${end}, but there are ${bytes.length} bytes.`,
    );
  }
  let progress: Progress;
  try {
    progress = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end)));
  } catch (error) {
    throw new FormatError(`readCheckpoint: the checkpoint's header is damaged: ${(error as Error).message}`);
  }
  if (progress?.version !== 1 || !Array.isArray(progress.callbacks)) {
    throw new FormatError(
      `readCheckpoint: version ${progress?.version} is not known here; this library reads version 1.`,
    );
  }
  return { progress, tensors: readSafetensors(bytes.subarray(end)) };
}
