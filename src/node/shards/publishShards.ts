import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { DataError } from '../../base/errors.js';
import { messageOf, writeFileAtomic } from '../files.js';
import { byCodePoint } from '../folder/textOrder.js';
import { INDEX, INDEX_VERSION, type ShardEntry, type ShardIndex, shardName } from './shardIndex.js';
import { TAR_END, tarMember } from './tarWriter.js';

/** Options of `publishShards`. */
export interface PublishShardsOptions {
  /** About how large shards get; a changed photograph means a changed shard. Default 2^26, 64 MiB. */
  shardBytes?: number | undefined;
}

const PHOTO = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i;

/**
 * Packs a folder of photographs with a subfolder for each class into shards that any web server can hand out, and `fetchShards` fetches. A shard is
 * a tar archive for `webDataset`, named after the SHA-256 of its bytes; `index.json` lists them.
 *
 * Where shards end depends on the names of the photographs alone. So after photographs were added, removed or changed, publishing again makes new shards
 * only where they are, and the others keep their names: machines that have them don't fetch them again. Shards that are no longer listed are left
 * where they are, since someone may be fetching them.
 *
 * Throws `DataError` when there are no photographs in subfolders, or one can't be read or written.
 *
 * @example
 * await publishShards('photos/train', 'public/train');
 */
export async function publishShards(
  folder: string,
  out: string,
  options: PublishShardsOptions = {},
): Promise<ShardIndex> {
  checkOptions('publishShards', options, ['shardBytes']);
  const shardBytes = checkWhole('publishShards', 'shardBytes', options.shardBytes ?? 2 ** 26, 1024);
  const photos = photosBelow(folder);
  const classes = [...new Set(photos.map(classOf))];
  const shards: ShardEntry[] = [];
  let pieces: Uint8Array[] = [];
  let [bytes, samples] = [0, 0];
  const close = async (): Promise<void> => {
    if (samples === 0) return;
    shards.push(await writeShard(out, [...pieces, TAR_END], samples));
    [pieces, bytes, samples] = [[], 0, 0];
  };
  for (const path of photos) {
    const key = memberKey(path);
    const members = [
      ...tarMember(`${key}${path.slice(path.lastIndexOf('.')).toLowerCase()}`, read(join(folder, path))),
      ...tarMember(`${key}.cls`, new TextEncoder().encode(classOf(path))),
    ];
    const size = members.reduce((sum, { length }) => sum + length, 0);
    if (bytes + size > 4 * shardBytes) await close();
    pieces.push(...members);
    bytes += size;
    samples++;
    if (bytes >= shardBytes / 4 && isCut(path, size / shardBytes)) await close();
  }
  await close();
  const index: ShardIndex = { version: INDEX_VERSION, classes, shards };
  await writeFileAtomic(join(out, INDEX), `${JSON.stringify(index, null, 1)}\n`);
  return index;
}

/** The paths of photographs in subfolders, relative to the folder. */
function photosBelow(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (cause) {
    throw new DataError(`publishShards: reading ${folder} failed: ${messageOf(cause)}`, { cause });
  }
  const photos = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.includes('/') && PHOTO.test(name) && !/(^|\/)\./.test(name))
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort(byCodePoint);
  if (photos.length > 0) return photos;
  throw new DataError(
    `publishShards: there are no photographs in subfolders of ${folder}. Put those of each class into a folder that has its name.`,
  );
}

function classOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

/** A sample's name ends at its first dot, so the others are written as %2E. */
function memberKey(path: string): string {
  return path.replaceAll('%', '%25').replaceAll('.', '%2E');
}

/** Whether a shard ends behind a photograph: a throw of dice that its name decides, with chance `share`. */
function isCut(path: string, share: number): boolean {
  return createHash('sha256').update(path).digest().readUInt32LE(0) / 2 ** 32 < share;
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError(`publishShards: reading ${path} failed: ${messageOf(cause)}`, { cause });
  }
}

async function writeShard(out: string, pieces: readonly Uint8Array[], samples: number): Promise<ShardEntry> {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  const sha256 = hash.digest('hex');
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const path = join(out, shardName({ sha256 }));
  if (statSync(path, { throwIfNoEntry: false })?.size !== bytes) await writeFileAtomic(path, pieces);
  return { sha256, bytes, samples };
}
