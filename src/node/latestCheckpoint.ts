import { basename } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { DataError, StridenetError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import type { Module } from '../layers/module.js';
import { type CheckpointContent, inspectCheckpoint } from '../train/checkpoint.js';
import { type CheckpointFile, listCheckpoints } from './checkpointFolder.js';
import { readBytes } from './files.js';

/** A checkpoint that was read, and found whole. */
export interface SavedCheckpoint extends CheckpointContent {
  /** The path of the file. */
  path: string;
  /** For `fit(model, { resume: bytes })`. */
  bytes: Uint8Array;
  /** Newer ones that cannot be used, the newest first, and why: a sentence each. */
  passedOver: { path: string; reason: string }[];
}

/**
 * The newest checkpoint in a folder that is whole, of this version, and of `model` where one is given; null when the folder has
 * none at all. Each is read and held against its checksum; what it passes over, it names.
 *
 * Throws `DataError` when there are checkpoints, but none can be used; it says of each why.
 *
 * @example
 * const latest = await latestCheckpoint('runs/first', { model });
 * for (const { path, reason } of latest?.passedOver ?? []) console.warn(`passed over ${path}: ${reason}`);
 * await fit(model, { ...options, resume: latest?.bytes });
 */
export async function latestCheckpoint(
  folder: string,
  options: { model?: Module | undefined } = {},
): Promise<SavedCheckpoint | null> {
  checkOptions('latestCheckpoint', options, ['model']);
  const files = await listCheckpoints(folder);
  const passedOver: SavedCheckpoint['passedOver'] = [];
  for (const file of files) {
    try {
      return { ...(await readOne(file, options.model)), passedOver };
    } catch (error) {
      if (!(error instanceof StridenetError)) throw error;
      passedOver.push({ path: file.path, reason: error.message });
    }
  }
  if (files.length === 0) return null;
  const reasons = passedOver.map(({ path, reason }) => `\n  ${basename(path)}: ${reason}`);
  throw new DataError(
    `latestCheckpoint: none of the ${files.length} checkpoints in ${folder} can be used:${reasons.join('')}`,
  );
}

async function readOne(
  { path }: CheckpointFile,
  model: Module | undefined,
): Promise<Omit<SavedCheckpoint, 'passedOver'>> {
  const bytes = await readBytes(path);
  const content = inspectCheckpoint(bytes);
  const fault = model && difference(content.model, model.stateDict());
  if (fault) throw new DataError(`it is of another model: ${fault}.`);
  return { path, bytes, ...content };
}

/** The first tensor in which two models differ. */
function difference(saved: StateDict, own: StateDict): string | null {
  for (const [name, { shape }] of own) {
    const there = saved.get(name);
    if (there === undefined) return `it has no ${name}`;
    if (!sameShape(there.shape, shape)) {
      return `its ${name} is ${formatShape(there.shape)}, the model's is ${formatShape(shape)}`;
    }
  }
  for (const name of saved.keys()) if (!own.has(name)) return `it has ${name}, the model has not`;
  return null;
}
