import { checkOptions } from '../../base/checkOptions.js';
import { shardFiles } from './shardFiles.js';
import { SHARD_LOADER_OPTIONS, ShardLoader, type ShardLoaderOptions } from './shardLoader.js';
import { TarReader } from './tarReader.js';

/** Where tar shards hold labels, and how batches are made of their samples. */
export interface WebDatasetOptions extends ShardLoaderOptions {
  /** The ending of the files that hold labels, or the field of the files `.json` that does. Default: 'cls'. */
  label?: string | undefined;
}

/**
 * Batches from the tar shards of a WebDataset: archives of `0001.jpg`, `0001.cls`, `0002.jpg` and so on. They may be larger than memory: headers
 * alone are read to find the samples, and each photograph when its batch is prepared.
 *
 * `shards` are files, a folder of files `.tar`, or a pattern such as `train-{0000..0127}.tar`.
 *
 * Throws `DataError` when there are no shards, and, while they are read, `DataError` or `FormatError` that names what cannot be, unless `onError` is
 * 'skip'; `ArgumentError` for options that are unknown or out of range.
 *
 * @example
 * const train = webDataset('imagenet-train-{0000..1281}.tar', { batchSize: 64, shuffle: 5000, augment: true, samples: 1281167 });
 * await fit(model, { train, optimizer, epochs: 90 });
 */
export function webDataset(shards: string | readonly string[], options: WebDatasetOptions): ShardLoader {
  checkOptions('webDataset', options, [...SHARD_LOADER_OPTIONS, 'label']);
  const files = shardFiles('webDataset', shards, ['.tar']);
  return new ShardLoader('webDataset', new TarReader(options.label ?? 'cls'), files, options);
}
