import { FormatError } from '../../base/errors.js';
import { list, object, optional, text, whole } from '../../base/fields.js';
import { messageOf } from '../files.js';

/** The file beside the shards that lists them. */
export const INDEX = 'index.json';
/** The version of its format. */
export const INDEX_VERSION = 1;

/** A shard: a tar archive whose name is the SHA-256 of its bytes. */
export interface ShardEntry {
  /** In hexadecimal. */
  sha256: string;
  /** Its size. */
  bytes: number;
  /** How many photographs it has. */
  samples: number;
}

/** What a published data set consists of. */
export interface ShardIndex {
  /** The version of the format. */
  version: number;
  /** The names of the classes in the order of their numbers, where the shards have labels. */
  classes?: readonly string[] | undefined;
  /** The shards in their order. */
  shards: readonly ShardEntry[];
}

const check = object<ShardIndex>({
  version: whole,
  classes: optional(list(text)),
  shards: list(object<ShardEntry>({ sha256: text, bytes: whole, samples: whole })),
});

/** Reads an index. Throws `FormatError` with the name of what is wrong. */
export function parseIndex(json: string, name: string): ShardIndex {
  let index: ShardIndex;
  try {
    index = check(JSON.parse(json), '');
  } catch (cause) {
    throw new FormatError(`${name} is no index of shards: ${messageOf(cause)}`, { cause });
  }
  if (index.version !== INDEX_VERSION) {
    throw new FormatError(
      `${name} has format ${index.version}, but this version of stridenet reads ${INDEX_VERSION}. Install the version that published it.`,
    );
  }
  // The names become paths.
  const strange = index.shards.find(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256));
  if (strange !== undefined) throw new FormatError(`${name} names a shard '${strange.sha256}', which is no SHA-256.`);
  return index;
}

/** The name of a shard's file. */
export function shardName({ sha256 }: { sha256: string }): string {
  return `${sha256}.tar`;
}
