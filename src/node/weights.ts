import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { StateDict } from '../base/stateDict.js';
import type { ByteSource } from '../io/byteSource.js';
import type { PickleValue } from '../io/pickleValues.js';
import { metadataOf, openSafetensors, safetensorsPieces } from '../io/safetensors.js';
import { type CheckpointOptions, lazyStateDict } from '../io/stateDictFromCheckpoint.js';
import { renamed } from '../io/stateDictNames.js';
import { keepTensors, openTorchCheckpoint } from '../io/torchCheckpoint.js';
import { weightsFormat } from '../io/weightsFormat.js';
import type { Module } from '../layers/module.js';
import { withFiles } from './fileSource.js';
import { naming, writeFileAtomic } from './files.js';

/** Options of `saveWeights`. */
export interface SaveWeightsOptions {
  /** Texts that the file carries beside the tensors. Default: none. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** 'F16' halves the file and keeps about three decimal digits; loading widens it to float32. Default 'F32'. */
  dtype?: 'F32' | 'F16' | undefined;
}

/**
 * Saves a model's state dict in a `.safetensors` file, of any size. The file appears in full or not at all.
 *
 * Throws `ArgumentError` for another extension, `DataError` when it cannot be written.
 *
 * @example
 * await saveWeights('runs/first/weights.safetensors', model);
 */
export async function saveWeights(
  path: string,
  source: Module | StateDict,
  options: SaveWeightsOptions = {},
): Promise<void> {
  checkOptions('saveWeights', options, ['metadata', 'dtype']);
  const { metadata, dtype } = options;
  if (extname(path) !== '.safetensors') {
    throw new ArgumentError(`saveWeights: ${path} must end in .safetensors, the format that is written.`);
  }
  const state = source instanceof Map ? source : source.stateDict();
  await writeFileAtomic(path, safetensorsPieces(state, metadata, { dtype }));
}

/**
 * Loads a state dict from a safetensors file or a PyTorch checkpoint, whatever their names, tensor by tensor: the file may be of
 * any size, and what `rename` leaves out is not read. See `stateDictFromCheckpoint` for where in a checkpoint it is.
 *
 * Throws `DataError` when the file cannot be read, `FormatError` (naming the file) when its content is not what it should be.
 *
 * @example
 * model.loadStateDict(await loadWeights('resnet20.th'));
 */
export async function loadWeights(path: string, options: CheckpointOptions = {}): Promise<StateDict> {
  checkOptions('loadWeights', options, ['prefix', 'rename', 'key']);
  return withWeights(path, options, undefined, async (lazy) => {
    const state: StateDict = new Map();
    let unseen = 0;
    for (const [name, { shape, data }] of lazy.keep()) {
      state.set(name, { shape, data });
      unseen += data.byteLength;
      if (unseen < 2 ** 26) continue;
      // Others get their turn.
      await setImmediate();
      unseen = 0;
    }
    return state;
  });
}

/** Options of `loadWeightsInto`. */
export interface LoadWeightsIntoOptions extends CheckpointOptions {
  /** See `Module.loadStateDict`. Default true. */
  strict?: boolean | undefined;
}

/**
 * Loads a file into a model as `loadStateDict` does, with one tensor of the file in memory at a time. Every tensor is read twice: once
 * to see that the file is sound, so that a damaged one leaves the model untouched, and once to copy it. A prefix that all names have
 * is taken off where the model's names are found behind it.
 *
 * Throws as `loadWeights`, and `StateDictError` that lists every missing, unexpected and misshapen entry.
 *
 * @example
 * await loadWeightsInto(createModel('vgg16'), 'vgg16.pth');
 */
export async function loadWeightsInto(
  model: Module,
  path: string,
  options: LoadWeightsIntoOptions = {},
): Promise<{ missing: string[]; unexpected: string[] }> {
  checkOptions('loadWeightsInto', options, ['strict', 'prefix', 'rename', 'key']);
  const wanted = options.rename === undefined ? [...model.namedTensors()].map(([name]) => name) : undefined;
  return withWeights(path, options, wanted, ({ state }) => model.loadStateDict(state, options));
}

/**
 * All that a PyTorch checkpoint holds, tensors and the rest: see `readTorchCheckpoint`. The file may be of any size.
 *
 * @example
 * const checkpoint = await loadTorchCheckpoint('last.pt');
 * console.log(checkpoint instanceof Map && checkpoint.get('epoch'));
 */
export async function loadTorchCheckpoint(path: string): Promise<PickleValue> {
  return withFiles((open) =>
    naming(path, () => {
      const { value, views } = openTorchCheckpoint(open(path));
      keepTensors(views);
      return value;
    }),
  );
}

/** The texts that a `.safetensors` file carries beside its tensors, which are not read. Throws as `loadWeights`. */
export async function loadSafetensorsMetadata(path: string): Promise<Record<string, string>> {
  return withFiles((open) => naming(path, () => metadataOf(open(path))));
}

interface LazyWeights {
  /** Tensors that are read each time their `data` is asked for. */
  state: StateDict;
  /** The same, read once, with memory shared by those that share it in the file. */
  keep(): StateDict;
}

async function withWeights<T>(
  path: string,
  options: CheckpointOptions,
  wanted: readonly string[] | undefined,
  use: (weights: LazyWeights) => T | Promise<T>,
): Promise<T> {
  return withFiles((open) => naming(path, () => use(openWeights(open(path), path, options, wanted))));
}

function openWeights(
  source: ByteSource,
  path: string,
  options: CheckpointOptions,
  wanted: readonly string[] | undefined,
): LazyWeights {
  const format = weightsFormat(source) ?? (extname(path) === '.safetensors' ? 'safetensors' : 'torch');
  if (format === 'safetensors') {
    const state = renamed(openSafetensors(source), options, { wanted });
    return { state, keep: () => state };
  }
  const { value, views } = openTorchCheckpoint(source);
  const state = lazyStateDict(value, options, wanted);
  const keep = (): StateDict => {
    const kept = new Set(state.values());
    keepTensors(views.filter(({ tensor }) => kept.has(tensor)));
    return state;
  };
  return { state, keep };
}
