import { DataError, FormatError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { Stateful } from '../base/stateful.js';
import { datasetChecksum } from '../data/datasetChecksum.js';
import { float32Bytes, toFloat32 } from '../io/dtypes.js';
import { type RawTensor, readRawTensors, readSafetensorsMetadata, writeRawTensors } from '../io/safetensors.js';
import type { BatchSource } from './batches.js';
import { type DataChecksums, type Progress, readProgress } from './checkpointProgress.js';
import { isIntact, isSealed, seal, UNSEALED } from './checkpointSeal.js';
import type { HistoryJson } from './history.js';
import { historyTensors } from './historyTables.js';
import type { TrainingRun } from './run.js';

export type { DataChecksums } from './checkpointProgress.js';

/** Of the present format. A change of what is written, or of what it means, is another version. */
const VERSION = '3';
/** Versions that are read. In the second, the history stood in the metadata. */
const READABLE: readonly string[] = ['2', VERSION];

/** What a checkpoint tells without a run to put it into. */
export interface CheckpointContent {
  /** Whole epochs behind it. */
  epoch: number;
  /** Batches of the next epoch behind it. */
  batch: number;
  /** Optimizer steps behind it. */
  step: number;
  /** What was measured so far. */
  history: HistoryJson;
  /** Checksums of the data sets, which must match when training resumes. */
  data: DataChecksums;
  /** The weights, for `model.loadStateDict`. */
  model: StateDict;
}

/**
 * Everything that decides the rest of a run, as one file: model, optimizer, random streams, the loader's place, history, averaged
 * weights, and what callbacks carry.
 *
 * The bytes are a safetensors file: tensors `history.*`, `model.*`, `optimizer.*`, `part.<name>.*` and `callback.<number>.*`, and the rest as
 * JSON in the metadata `checkpoint`. The metadata `crc32` is a checksum of all bytes of the file. However many steps a run makes, its
 * checkpoints stay of one size.
 */
export function writeCheckpoint(run: TrainingRun): Uint8Array {
  const { model, options, callbacks } = run;
  const { tensors: slots, ...optimizer } = options.optimizer.stateDict();
  const saved = callbacks.map((callback) => callback.saveState?.() ?? { values: null });
  const parts = [...run.parts()].map(([name, part]) => [name, part.saveState?.() ?? { values: null }] as const);
  const { head, tensors: history } = historyTensors(run.history, options);
  const progress: Progress & { history: typeof head } = {
    epoch: run.epoch,
    batch: run.batch,
    step: run.step,
    seconds: run.seconds,
    loss: run.loss.state,
    accuracy: run.accuracy.state,
    history: head,
    random: run.random.state(),
    epochRandom: run.epochRandom,
    loader: options.train.state?.() ?? null,
    data: dataChecksums(run),
    optimizer,
    callbacks: saved.map(({ values }) => values ?? null),
    parts: Object.fromEntries(parts.map(([name, { values }]) => [name, values ?? null])),
    clock: run.clock.seconds,
  };
  const state: StateDict = new Map();
  const addAll = (prefix: string, tensors: StateDict): void => {
    for (const [name, entry] of tensors) state.set(`${prefix}.${name}`, entry);
  };
  addAll('model', model.stateDict());
  addAll('optimizer', slots);
  for (const [i, { tensors: own }] of saved.entries()) addAll(`callback.${i}`, own ?? new Map());
  for (const [name, { tensors: own }] of parts) addAll(`part.${name}`, own ?? new Map());
  const floats = [...state].map(([name, { shape, data }]): [string, RawTensor] => [
    name,
    { dtype: 'F32', shape, bytes: float32Bytes(data) },
  ]);
  const wide = [...history].filter(([, { dtype }]) => dtype === 'F64');
  const narrow = [...history].filter(([, { dtype }]) => dtype !== 'F64');
  const metadata = { crc32: UNSEALED, version: VERSION, checkpoint: JSON.stringify(progress) };
  const bytes = writeRawTensors(new Map([...wide, ...floats, ...narrow]), metadata);
  seal(bytes);
  return bytes;
}

/**
 * Puts a run, its model and optimizer, the random streams and the loader where `writeCheckpoint` found them.
 *
 * Throws `FormatError` for bytes that are no checkpoint, or a damaged one, or one of another version, or with a field that is not what it
 * should be; `StateDictError` when model or optimizer are not those it was made with; `DataError` when the images are not. Model, optimizer,
 * loader, random streams, averages, metrics and callbacks are then as they were.
 */
export function readCheckpoint(run: TrainingRun, bytes: Uint8Array): void {
  const { progress, history, tensors } = parse('readCheckpoint', bytes);
  const { model, options, callbacks } = run;
  const { optimizer, train } = options;
  refuseOtherRun(progress, run);
  if (!options.allowOtherData) refuseOtherData(progress.data, dataChecksums(run));
  const before = { model: model.stateDict(), optimizer: optimizer.stateDict() };
  const loaded: [Stateful<TrainingRun>, ReturnType<NonNullable<Stateful<TrainingRun>['saveState']>> | undefined][] = [];
  const load = (own: Stateful<TrainingRun>, values: unknown, name: string): void => {
    loaded.push([own, own.saveState?.()]);
    own.loadState?.({ values, tensors: part(tensors, name) }, run);
  };
  try {
    model.loadStateDict(part(tensors, 'model'));
    optimizer.loadStateDict({ ...progress.optimizer, tensors: part(tensors, 'optimizer') });
    for (const [name, own] of run.parts()) load(own, progress.parts?.[name] ?? null, `part.${name}`);
    for (const [i, own] of callbacks.entries()) load(own, progress.callbacks[i] ?? null, `callback.${i}`);
    // Last: a loader that goes on in an epoch could not be put back to where it only stood in one.
    if (progress.loader !== null) train.restore?.(progress.loader);
  } catch (error) {
    model.loadStateDict(before.model);
    optimizer.loadStateDict(before.optimizer);
    for (const [own, state] of loaded) if (state) own.loadState?.({ tensors: new Map(), ...state }, run);
    throw error instanceof FormatError ? new FormatError(`readCheckpoint: ${error.message}`, { cause: error }) : error;
  }
  run.random.restore(progress.random);
  run.epochRandom = progress.epochRandom;
  run.epoch = progress.epoch;
  run.batch = progress.batch;
  run.step = progress.step;
  run.seconds = progress.seconds;
  run.clock.seconds = progress.clock ?? 0;
  run.loss.state = progress.loss;
  run.accuracy.state = progress.accuracy;
  run.history.restore(history);
}

/**
 * What stands in a checkpoint, after a look at its checksum and at every field.
 *
 * Throws `FormatError` for bytes that are no checkpoint, or a damaged one, or one of another version.
 *
 * @example
 * model.loadStateDict(inspectCheckpoint(bytes).model);
 */
export function inspectCheckpoint(bytes: Uint8Array): CheckpointContent {
  const { progress, history, tensors } = parse('inspectCheckpoint', bytes);
  const { epoch, batch, step, data } = progress;
  return { epoch, batch, step, history, data, model: part(tensors, 'model') };
}

interface Parsed {
  progress: Progress;
  history: HistoryJson;
  tensors: ReadonlyMap<string, RawTensor>;
}

/** The checksum is looked at first: what is damaged is not believed in anything else. */
function parse(who: string, bytes: Uint8Array): Parsed {
  if (!isSealed(bytes)) {
    const older = readSafetensorsMetadata(bytes).checkpoint !== undefined;
    throw new FormatError(
      older
        ? `${who}: the checkpoint has version 1; this library reads versions ${READABLE.join(' and ')}.`
        : `${who}: these bytes are a safetensors file, but no checkpoint of a training run.`,
    );
  }
  if (!isIntact(bytes)) {
    throw new FormatError(`${who}: the checkpoint is damaged: its ${bytes.length} bytes do not match its checksum.`);
  }
  const { version = 'none', checkpoint: json } = readSafetensorsMetadata(bytes);
  if (!READABLE.includes(version)) {
    throw new FormatError(
      `${who}: the checkpoint has version ${version}; this library reads versions ${READABLE.join(' and ')}.`,
    );
  }
  const tensors = readRawTensors(bytes);
  try {
    return { ...readProgress(version, json ?? '', tensors), tensors };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new FormatError(
      `${who}: the checkpoint is sealed, but its content is not what it should be: ${cause.message}`,
      { cause },
    );
  }
}

/** The tensors whose names begin with `prefix.`, without that. */
function part(tensors: ReadonlyMap<string, RawTensor>, prefix: string): StateDict {
  const state: StateDict = new Map();
  for (const [name, { dtype, shape, bytes }] of tensors) {
    if (!name.startsWith(`${prefix}.`)) continue;
    state.set(name.slice(prefix.length + 1), { shape: [...shape], data: toFloat32(dtype, bytes) });
  }
  return state;
}

function refuseOtherRun({ callbacks, parts, batch, loader }: Progress, run: TrainingRun): void {
  if (callbacks.length !== run.callbacks.length) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written with ${callbacks.length} callbacks, but there are ${run.callbacks.length}. Pass the same ones in the same order.`,
    );
  }
  const [written, wanted] = [Object.keys(parts ?? {}), [...run.parts().keys()]].map((names) => names.sort().join(', '));
  if (written !== wanted) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written with ${written || 'no average, lookahead or metrics'}, but this run has ${wanted || 'none'}. Pass the same options to fit.`,
    );
  }
  const { train } = run.options;
  if (train.length !== undefined && batch > train.length) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written after batch ${batch} of an epoch, but the epochs of this run have ${train.length}. Pass the same training data.`,
    );
  }
  if (loader === null && batch > 0 && train.restore !== undefined) {
    throw new FormatError(
      `readCheckpoint: the checkpoint was written in the middle of an epoch, with a source that does not tell its place, but this run's source cannot go on without. Pass the same kind of training data.`,
    );
  }
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
