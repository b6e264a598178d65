import { checkOptions } from '../../base/checkOptions.js';
import { huggingFaceClasses, ParquetReader, parquetMetadata } from './parquetReader.js';
import { shardFiles } from './shardFiles.js';
import { SHARD_LOADER_OPTIONS, ShardLoader, type ShardLoaderOptions } from './shardLoader.js';

/** Where Parquet files hold photographs and labels, and how batches are made of them. */
export interface ParquetImagesOptions extends ShardLoaderOptions {
  /** The column of photographs. Default: 'image'. */
  image?: string | undefined;
  /** The column of labels. Default: 'label'. */
  label?: string | undefined;
}

/**
 * Batches from Parquet files of photographs, as Hugging Face keeps them: a column `image` with bytes and a column `label`. They may be larger than
 * memory: a group of rows is read at a time. The number of samples and the names of the classes come from the files.
 *
 * `shards` are files, a folder of files `.parquet`, or a pattern such as `train-{00000..00019}.parquet`.
 *
 * Throws `DataError` when there are no shards, and, while they are read, `DataError` or `FormatError` that names what cannot be, unless `onError` is
 * 'skip'; `ArgumentError` for options that are unknown or out of range.
 *
 * @example
 * const train = await parquetImages('data/train', { batchSize: 64, shuffle: 2000, augment: true });
 */
export async function parquetImages(
  shards: string | readonly string[],
  options: ParquetImagesOptions,
): Promise<ShardLoader> {
  checkOptions('parquetImages', options, [...SHARD_LOADER_OPTIONS, 'image', 'label']);
  const { image = 'image', label = 'label' } = options;
  const files = shardFiles('parquetImages', shards, ['.parquet']);
  let { classes, samples } = options;
  if (classes === undefined || samples === undefined) {
    let rows = 0;
    for (const file of files) {
      const metadata = await parquetMetadata(file);
      rows += Number(metadata.num_rows);
      classes ??= huggingFaceClasses(metadata, label);
    }
    samples ??= rows;
  }
  return new ShardLoader('parquetImages', new ParquetReader({ image, label }), files, { ...options, classes, samples });
}
