import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { DataError } from '../../base/errors.js';
import { download } from '../download.js';
import { messageOf } from '../files.js';
import { type FolderLock, lockFolder } from '../lockFolder.js';
import { INDEX, parseIndex, type ShardEntry, type ShardIndex, shardName } from './shardIndex.js';

/** Options of `fetchShards`. */
export interface FetchShardsOptions {
  /** The folder that keeps shards; several data sets and several processes may share it. */
  cache: string;
  /** Shards that are fetched at a time. Default 4. */
  parallel?: number | undefined;
  /** Reads all shards that are there already and fetches those whose bytes have changed. Default false: their size is enough. */
  verify?: boolean | undefined;
  /** Called with the bytes of this data set that are there, and those that will be. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** How often to go on after a connection broke, for each shard. Default 3. */
  retries?: number | undefined;
  /** How long a connection may be silent, in milliseconds. Default 30,000. */
  timeout?: number | undefined;
}

/** A data set that is on this machine. */
export interface FetchedShards {
  /** The files, for `webDataset`. */
  paths: string[];
  /** The names of the classes, for `webDataset`. */
  classes: string[];
  /** How many photographs there are. */
  samples: number;
  /** Bytes that were fetched now; what was in the cache is not among them. */
  fetchedBytes: number;
}

/** The index has a line for each shard. */
const LARGEST_INDEX = 2 ** 28;
/** Milliseconds between looks at a cache that another process fills. */
const LOOK_MS = 300;

/**
 * Brings the shards of `publishShards` to this machine: those that the cache has not. Each is verified by its SHA-256; a download that was cut off goes on
 * where it ended, also in the next call. `from` is the address of the folder that was published, or its path, whose shards are then used where
 * they are.
 *
 * Throws `DataError` when the server can't be reached, a shard is damaged, or the cache can't be written, and `FormatError` for a damaged index.
 *
 * @example
 * const { paths, classes, samples } = await fetchShards('http://10.0.0.1:8080/train', { cache: 'shards' });
 * const train = webDataset(paths, { classes, samples, batchSize: 64, shuffle: 5000 });
 */
export async function fetchShards(from: string, options: FetchShardsOptions): Promise<FetchedShards> {
  checkOptions('fetchShards', options, ['cache', 'parallel', 'verify', 'onProgress', 'retries', 'timeout']);
  const parallel = checkWhole('fetchShards', 'parallel', options.parallel ?? 4, 1);
  const isRemote = /^https?:\/\//.test(from);
  const base = from.replace(/\/+$/, '');
  const index = isRemote ? await remoteIndex(base, options) : await localIndex(from);
  const { cache, verify = false, onProgress = () => undefined } = options;
  const folder = isRemote ? cache : from;
  const total = index.shards.reduce((sum, { bytes }) => sum + bytes, 0);
  const lock = isRemote ? await lockCache(cache) : null;
  let [done, fetchedBytes] = [0, 0];
  try {
    const waiting = [...index.shards];
    const bring = async (): Promise<void> => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        const path = join(folder, shardName(shard));
        if (!(await isThere(path, shard, verify))) {
          if (!isRemote) throw new DataError(`fetchShards: ${path} is missing or damaged. Publish the data set again.`);
          const { sha256, bytes } = shard;
          const { retries, timeout } = options;
          await download(`${base}/${shardName(shard)}`, path, { sha256, maximumBytes: bytes, retries, timeout });
          fetchedBytes += bytes;
        }
        done += shard.bytes;
        onProgress(done, total);
      }
    };
    await Promise.all(Array.from({ length: parallel }, bring));
  } finally {
    await lock?.release();
  }
  return {
    paths: index.shards.map((shard) => join(folder, shardName(shard))),
    classes: [...(index.classes ?? [])],
    samples: index.shards.reduce((sum, { samples }) => sum + samples, 0),
    fetchedBytes,
  };
}

async function remoteIndex(base: string, { timeout = 30_000 }: FetchShardsOptions): Promise<ShardIndex> {
  const url = `${base}/${INDEX}`;
  let text: string;
  try {
    // A cache in between must not hand out an old list.
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout), cache: 'no-store' });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}.`);
    if (Number(response.headers.get('content-length') ?? 0) > LARGEST_INDEX) throw new Error('it is too long.');
    text = await response.text();
  } catch (cause) {
    throw new DataError(`fetchShards: ${url} cannot be read: ${messageOf(cause)}`, { cause });
  }
  return parseIndex(text, url);
}

async function localIndex(folder: string): Promise<ShardIndex> {
  const path = join(folder, INDEX);
  try {
    return parseIndex(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (existsSync(path)) throw cause;
    throw new DataError(`fetchShards: there is no ${path}. Pass what publishShards wrote, or its address.`, { cause });
  }
}

/** Waits for another process that fills the same cache: what it fetches, this one need not. */
async function lockCache(cache: string): Promise<FolderLock> {
  while (true) {
    try {
      return await lockFolder(cache, { purpose: 'shards', who: 'fetchShards' });
    } catch (error) {
      if ((error as Error).cause !== undefined) throw error; // The folder can't be written.
      await sleep(LOOK_MS);
    }
  }
}

async function isThere(path: string, { sha256, bytes }: ShardEntry, verify: boolean): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.size !== bytes) return false;
  if (!verify) return true;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === sha256;
}
