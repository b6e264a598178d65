import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataError } from '../base/errors.js';
import { leftoverOf, messageOf } from './files.js';

/** A checkpoint's file, by its name. */
export interface CheckpointFile {
  path: string;
  step: number;
}

const NAME = /^step-(\d{8,})\.safetensors$/;

/** `step-00000042.safetensors`: in the order of names the steps stand in order too. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, `step-${String(step).padStart(8, '0')}.safetensors`);
}

/** The checkpoints of a folder, the newest first; none where there is no folder. Throws `DataError` when it cannot be read. */
export async function listCheckpoints(folder: string): Promise<CheckpointFile[]> {
  const files: CheckpointFile[] = [];
  for (const name of await namesIn(folder)) {
    const match = NAME.exec(name);
    if (match !== null) files.push({ path: join(folder, name), step: Number(match[1]) });
  }
  return files.sort((a, b) => b.step - a.step);
}

/** Makes the folder, and removes what interrupted writes left in it. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new DataError(`checkpoints: the folder ${folder} cannot be made: ${messageOf(cause)}`, { cause });
  }
  for (const name of await namesIn(folder)) {
    if (NAME.test(leftoverOf(name) ?? '')) await unlink(join(folder, name)).catch(() => undefined);
  }
}

/**
 * Gives checkpoints ahead of a run that begins at `step` another name, `*.old` (or `*.old2`, ...): they belong to an earlier run, or are damaged,
 * and would be taken for this run's newest. Gives those that it found.
 */
export async function setAside(folder: string, step: number): Promise<CheckpointFile[]> {
  const ahead = (await listCheckpoints(folder)).filter((file) => file.step > step);
  const taken = new Set(await namesIn(folder));
  for (const { path } of ahead) {
    let old = `${path}.old`;
    // An earlier run may have left one of this step already.
    for (let number = 2; taken.has(basename(old)); number++) old = `${path}.old${number}`;
    await rename(path, old);
  }
  return ahead;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new DataError(`the folder ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
