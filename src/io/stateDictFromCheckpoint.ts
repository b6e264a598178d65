import type { StateDict } from '../layers/module.js';
import { checkOptions } from '../tensor/checkOptions.js';
import { FormatError } from '../tensor/errors.js';
import type { PickleValue } from './pickle.js';
import { TorchTensor } from './torchStorage.js';

/** The names under which training scripts put the state dict, in the order in which they are tried. */
const USUAL_NAMES = ['state_dict', 'model_state_dict', 'model', 'net', 'weights'];

export interface CheckpointOptions {
  /** Taken off the front of names that have it. Default: 'module.', which DataParallel adds. */
  prefix?: string | undefined;
  /** The new name of each entry (after the prefix is off); null leaves it out. Default: names stay. */
  rename?: ((name: string) => string | null) | undefined;
}

/**
 * The state dict in a checkpoint: the checkpoint itself when it holds tensors, else its first entry that does of 'state_dict',
 * 'model_state_dict', 'model', 'net' and 'weights'. Entries that are no tensors are left out.
 *
 * Throws `FormatError` when there is none (it lists what there is), or two entries end up with one name.
 *
 * @example
 * const state = stateDictFromCheckpoint(readTorchCheckpoint(bytes)); // 'module.conv1.weight' -> 'conv1.weight'
 */
export function stateDictFromCheckpoint(checkpoint: PickleValue, options: CheckpointOptions = {}): StateDict {
  checkOptions('stateDictFromCheckpoint', options, ['prefix', 'rename']);
  const state: StateDict = new Map();
  for (const [name, { shape, data }] of renamed(tensorsOf(checkpoint), options)) state.set(name, { shape, data });
  return state;
}

/** The same with tensors that are read when their `data` is asked for. */
export function lazyStateDict(checkpoint: PickleValue, options: CheckpointOptions = {}): Map<string, TorchTensor> {
  return renamed(tensorsOf(checkpoint), options);
}

/** Takes the prefix off, and gives new names. Throws `FormatError` when two entries end up with one name. */
export function renamed<T>(entries: Iterable<readonly [string, T]>, options: CheckpointOptions): Map<string, T> {
  const { prefix = 'module.', rename = (name: string) => name } = options;
  const all = new Map<string, T>();
  for (const [key, entry] of entries) {
    const name = rename(key.startsWith(prefix) ? key.slice(prefix.length) : key);
    if (name === null) continue;
    if (all.has(name)) throw new FormatError(`stateDictFromCheckpoint: two entries end up with the name ${name}.`);
    all.set(name, entry);
  }
  return all;
}

function tensorsOf(checkpoint: PickleValue): [string, TorchTensor][] {
  if (checkpoint instanceof Map) {
    for (const candidate of [checkpoint, ...USUAL_NAMES.map((name) => checkpoint.get(name))]) {
      const tensors = candidate instanceof Map ? [...candidate].filter(isNamedTensor) : [];
      if (tensors.length > 0) return tensors;
    }
  }
  throw new FormatError(
    `stateDictFromCheckpoint: no tensors found in the checkpoint or under ${USUAL_NAMES.join(', ')}. It is ${describe(checkpoint)}. Pass the part that holds the state dict.`,
  );
}

function isNamedTensor(entry: [PickleValue, PickleValue]): entry is [string, TorchTensor] {
  return typeof entry[0] === 'string' && entry[1] instanceof TorchTensor;
}

function describe(value: PickleValue): string {
  if (!(value instanceof Map)) return value === null ? 'null' : `a ${value.constructor.name.toLowerCase()}`;
  const names = [...value.keys()].slice(0, 20).map((key) => (typeof key === 'string' ? key : typeof key));
  return `a dictionary of ${names.length === 0 ? 'nothing' : names.join(', ')}`;
}
