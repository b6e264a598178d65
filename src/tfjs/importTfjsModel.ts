import { checkOptions } from '../base/checkOptions.js';
import { importTfjsGraphModel } from './importTfjsGraphModel.js';
import { type ImportTfjsOptions, importTfjsLayersModel } from './importTfjsLayersModel.js';
import { isGraphModel, readRoot } from './modelJson.js';
import type { TfjsGraphModel } from './tfjsGraphModel.js';
import type { TfjsModel } from './tfjsModel.js';
import type { TfjsShards } from './weights.js';

/**
 * Reads a TensorFlow.js model of either format: layers by `importTfjsLayersModel`, a graph of operations by `importTfjsGraphModel`.
 *
 * `output` is the layer to end with, or of a graph the output or node to give.
 *
 * Throws `FormatError` as those do.
 *
 * @example
 * const model = await importTfjsModel(modelJson, (path) => fetchBytes(path), { logits: true });
 */
export async function importTfjsModel(
  modelJson: string | Uint8Array | object,
  shards: TfjsShards,
  options: ImportTfjsOptions = {},
): Promise<TfjsModel | TfjsGraphModel> {
  checkOptions('importTfjsModel', options, ['logits', 'output']);
  const root = readRoot(modelJson);
  return isGraphModel(root)
    ? importTfjsGraphModel(root, shards, options)
    : importTfjsLayersModel(root, shards, options);
}
