import type { PhotoSource } from '../photos/photoJob.js';

/** A sample of a shard before it is read: its place, and how to get at what lies there. */
export interface ShardSample {
  /** Shard and key, for errors. */
  readonly name: string;
  /** Gets ready to be read soon: a reader that reads many samples at once keeps the bytes of this one. */
  hold?: (() => Promise<void>) | undefined;
  /** Where the bytes of its photograph are. */
  photo(): Promise<PhotoSource>;
  /** The label as it is written down: a number, a text, or several. */
  label(): Promise<unknown>;
}

/** How shards of one format are read. */
export interface ShardReader {
  /** The samples of a shard in its order, without the bytes of photographs. Throws `DataError` or `FormatError` that names the shard. */
  samples(shard: string): AsyncIterable<ShardSample>;
}
