import { extname } from 'node:path';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import { type CheckpointOptions, stateDictFromCheckpoint } from '../io/stateDictFromCheckpoint.js';
import { readTorchCheckpoint } from '../io/torchCheckpoint.js';
import type { Module, StateDict } from '../layers/module.js';
import { ArgumentError, FormatError, StridenetError } from '../tensor/errors.js';
import { readBytes, writeFileAtomic } from './files.js';

/**
 * Saves a model's state dict in a `.safetensors` file. The file appears in full or not at all.
 *
 * Throws `ArgumentError` for another extension, `DataError` when it cannot be written.
 *
 * @example
 * await saveWeights('runs/first/weights.safetensors', model);
 */
export async function saveWeights(
  path: string,
  source: Module | StateDict,
  options: { metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  if (extname(path) !== '.safetensors') {
    throw new ArgumentError(`saveWeights: ${path} must end in .safetensors, the format that is written.`);
  }
  const state = source instanceof Map ? source : source.stateDict();
  await writeFileAtomic(path, writeSafetensors(state, options.metadata));
}

/**
 * Loads a state dict from a `.safetensors` file or a PyTorch checkpoint (`.pt`, `.pth`, `.th`, `.bin`).
 *
 * Throws `ArgumentError` for another extension, `DataError` when the file cannot be read, `FormatError` (naming the file) when
 * its content is not what it should be.
 *
 * @example
 * model.loadStateDict(await loadWeights('resnet20.th'));
 */
export async function loadWeights(path: string, options: CheckpointOptions = {}): Promise<StateDict> {
  const extension = extname(path);
  if (!['.safetensors', '.pt', '.pth', '.th', '.bin'].includes(extension)) {
    throw new ArgumentError(`loadWeights: ${path} must end in .safetensors, .pt, .pth, .th or .bin.`);
  }
  const bytes = await readBytes(path);
  try {
    if (extension === '.safetensors') return readSafetensors(bytes);
    return stateDictFromCheckpoint(readTorchCheckpoint(bytes), options);
  } catch (cause) {
    if (cause instanceof StridenetError) throw new FormatError(`${path}: ${cause.message}`, { cause });
    throw cause;
  }
}
