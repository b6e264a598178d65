import { dirname } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { type ImportTfjsOptions, importTfjsLayersModel } from '../tfjs/importTfjsLayersModel.js';
import { importTfjsModel } from '../tfjs/importTfjsModel.js';
import type { TfjsGraphModel } from '../tfjs/tfjsGraphModel.js';
import type { TfjsModel } from '../tfjs/tfjsModel.js';
import { withFiles } from './fileSource.js';
import { naming, readBytes } from './files.js';
import { insideFolder } from './insideFolder.js';

/**
 * Loads a Keras image classifier from the `model.json` of TensorFlow.js and the shards in its folder: see `importTfjsLayersModel`.
 *
 * Throws `DataError` when a file cannot be read, `FormatError` (naming the file) when its content is not what it should be or it names
 * a shard outside its folder, links included.
 *
 * @example
 * const model = await loadTfjsLayersModel('mobilenet/model.json', { logits: true });
 */
export async function loadTfjsLayersModel(path: string, options: ImportTfjsOptions = {}): Promise<TfjsModel> {
  checkOptions('loadTfjsLayersModel', options, ['logits', 'output']);
  const json = await readBytes(path);
  const folder = dirname(path);
  return withFiles((open) =>
    naming(path, () => importTfjsLayersModel(json, (shard) => open(insideFolder(folder, shard)), options)),
  );
}

/**
 * Loads a TensorFlow.js model of either format, layers or a graph of operations, from its `model.json` and the shards in its folder: see
 * `importTfjsModel`.
 *
 * Throws as `loadTfjsLayersModel`.
 *
 * @example
 * const model = await loadTfjsModel('nsfw/model.json');
 */
export async function loadTfjsModel(
  path: string,
  options: ImportTfjsOptions = {},
): Promise<TfjsModel | TfjsGraphModel> {
  checkOptions('loadTfjsModel', options, ['logits', 'output']);
  const json = await readBytes(path);
  const folder = dirname(path);
  return withFiles((open) =>
    naming(path, () => importTfjsModel(json, (shard) => open(insideFolder(folder, shard)), options)),
  );
}
