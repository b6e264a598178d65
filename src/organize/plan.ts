import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { writeFileAtomic } from '../node/index.js';
import type { Album } from './albums.js';

/** One file that is linked or moved. */
export interface PlannedFile {
  /** Where the file is. */
  readonly from: string;
  /** Where it is linked or moved to. */
  readonly to: string;
}

/** What `applyPlan` will do. */
export interface Plan {
  /** 'links' leaves photographs where they are; 'moves' puts each one into the first album that it belongs to. */
  readonly how: 'links' | 'moves';
  /** The folder of the albums. */
  readonly folder: string;
  /** Every file, in order. */
  readonly files: readonly PlannedFile[];
}

/** What was done, and how it is undone. */
export interface UndoFile extends Plan {
  /** When, ISO 8601. */
  readonly at: string;
}

/** Options of `planAlbums`. */
export interface PlanAlbumsOptions {
  /** Default 'links'. */
  how?: 'links' | 'moves' | undefined;
}

/**
 * Plans a folder of albums: each has a folder of its own. Names that are taken get a number. Nothing is done yet.
 *
 * Throws `ArgumentError` for an option that makes no sense.
 */
export function planAlbums(albums: readonly Album[], folder: string, options: PlanAlbumsOptions = {}): Plan {
  checkOptions('planAlbums', options, ['how']);
  const { how = 'links' } = options;
  if (how !== 'links' && how !== 'moves') {
    throw new ArgumentError(`planAlbums: how is '${String(how)}', but must be 'links' or 'moves'.`);
  }
  const files: PlannedFile[] = [];
  const taken = new Set<string>();
  const moved = new Set<string>();
  for (const { name, photos } of albums) {
    for (const photo of photos) {
      const from = resolve(photo);
      if (how === 'moves' && moved.has(from)) continue;
      moved.add(from);
      const to = free(join(folder, folderName(name), basename(from)), from, taken);
      taken.add(to);
      if (to !== from) files.push({ from, to });
    }
  }
  return { how, folder: resolve(folder), files };
}

/**
 * Makes the links or moves of a plan. What was done is written to `undoFile` before anything is done. Files that are there already are never
 * overwritten, and none is deleted.
 *
 * Throws `DataError` when a file can't be moved; what was done before is then in the undo file.
 */
export async function applyPlan(plan: Plan, undoFile: string): Promise<UndoFile> {
  if (existsSync(undoFile)) {
    throw new DataError(
      `applyPlan: ${undoFile} is there already, for something that was done before. Undo that first, or name another file.`,
    );
  }
  const undo: UndoFile = { ...plan, at: new Date().toISOString() };
  await writeFileAtomic(undoFile, `${JSON.stringify(undo, null, 2)}\n`);
  for (const { from, to } of plan.files) {
    try {
      await mkdir(dirname(to), { recursive: true });
      if (plan.how === 'links') await symlink(relative(dirname(to), from), to).catch(() => link(from, to));
      else await moveWithoutOverwriting(from, to);
    } catch (cause) {
      throw new DataError(
        `applyPlan: ${from} could not get to ${to}: ${(cause as Error).message}. Everything before it is done; undo it with ${undoFile}.`,
        { cause },
      );
    }
  }
  return undo;
}

/** Undoes what an undo file says: moves files back, or removes links. Returns how many. Files that are elsewhere by now are left alone. */
export async function undoPlan(undoFile: string): Promise<number> {
  let undo: UndoFile;
  try {
    undo = JSON.parse(await readFile(undoFile, 'utf8')) as UndoFile;
    if (!Array.isArray(undo.files) || !['links', 'moves'].includes(undo.how)) throw new Error('it is no undo file');
  } catch (cause) {
    throw new DataError(`undoPlan: ${undoFile} can't be read: ${(cause as Error).message}.`, { cause });
  }
  let undone = 0;
  for (const { from, to } of [...undo.files].reverse()) {
    if (!existsSync(to)) continue;
    if (undo.how === 'links') await unlink(to);
    else if (existsSync(from)) continue;
    else {
      await mkdir(dirname(from), { recursive: true });
      await moveWithoutOverwriting(to, from);
    }
    undone++;
    // Folders that are empty now were made for this; others stay.
    await rmdir(dirname(to)).catch(() => undefined);
  }
  await rm(undoFile);
  return undone;
}

/** A hard link fails where a file is in the way; renaming would replace it. */
async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') throw error;
    // Some disks have no hard links.
    if (existsSync(to)) throw error;
    return rename(from, to);
  }
  await unlink(from);
}

/** A path that no file and no other plan has. */
function free(wanted: string, from: string, taken: ReadonlySet<string>): string {
  const extension = extname(wanted);
  const stem = wanted.slice(0, wanted.length - extension.length);
  for (let i = 1; ; i++) {
    const path = resolve(i === 1 ? wanted : `${stem}-${i}${extension}`);
    if (path === from || !(taken.has(path) || existsSync(path))) return path;
  }
}

/** The name of an album as the name of a folder on any system. */
function folderName(name: string): string {
  const plain = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_').replace(/^\.+|[. ]+$/g, '');
  return plain === '' ? 'album' : plain;
}
