import { basename, dirname, extname, join } from 'node:path';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import type { ExternalDataOptions } from '../onnx/exportOnnx.js';
import type { OnnxModule } from '../onnx/onnxModule.js';
import { type FileSource, withFiles } from './fileSource.js';
import { naming, readBytes, writeFileAtomic } from './files.js';
import { insideFolder } from './insideFolder.js';

/** Options of `saveOnnx`. */
export interface SaveOnnxOptions extends Omit<ExternalDataOptions, 'location'> {
  /** Puts the weights into a file beside it, `model.onnx.data` for `model.onnx`. Default: where one file cannot hold them, 2 GiB. */
  externalData?: boolean | undefined;
}

/**
 * Saves a model in an `.onnx` file: see `exportOnnx`. Each file appears in full or not at all, the weights first; weights of their own
 * file are copied as they are written, so the model must not change meanwhile.
 *
 * Throws `ArgumentError` for another extension and as `exportOnnx` does, `DataError` when a file cannot be written.
 *
 * @example
 * await saveOnnx('runs/first/model.onnx', model, [1, 3, 32, 32]);
 */
export async function saveOnnx(
  path: string,
  model: Module,
  inputShape: Shape,
  options: SaveOnnxOptions = {},
): Promise<void> {
  checkOptions('saveOnnx', options, ['externalData', 'opset', 'dynamicBatch', 'inputName', 'outputName', 'metadata']);
  expectExtension('saveOnnx', path);
  // Whoever handles no ONNX files does not load what reads them.
  const { exportOnnx, exportOnnxExternal, LARGEST_INLINE } = await import('../onnx/exportOnnx.js');
  let bytes = 0;
  for (const [, tensor] of model.namedTensors()) bytes += 4 * tensor.size;
  const { externalData = bytes > LARGEST_INLINE, ...rest } = options;
  if (!externalData) return writeFileAtomic(path, exportOnnx(model, inputShape, rest));
  const location = `${basename(path)}.data`;
  const { model: graph, data } = exportOnnxExternal(model, inputShape, { ...rest, location });
  await writeFileAtomic(join(dirname(path), location), data());
  await writeFileAtomic(path, graph);
}

/**
 * Loads an image classifier from an `.onnx` file: see `importOnnx`. Weights in files beside it are read tensor by tensor.
 *
 * Throws `ArgumentError` for another extension, `DataError` when a file cannot be read, `FormatError` (naming the file) when its
 * content is not what it should be or its weights are said to lie outside its folder, links included.
 *
 * @example
 * const model = await loadOnnx('resnet18.onnx');
 */
export async function loadOnnx(
  path: string,
  options: { output?: string | undefined; maxMemory?: number | undefined } = {},
): Promise<OnnxModule> {
  checkOptions('loadOnnx', options, ['output', 'maxMemory']);
  expectExtension('loadOnnx', path);
  const { importOnnx } = await import('../onnx/importOnnx.js');
  const bytes = await readBytes(path);
  const folder = dirname(path);
  return withFiles((open) => {
    const files = new Map<string, FileSource>();
    const externalData = (location: string): FileSource => {
      const file = files.get(location) ?? open(insideFolder(folder, location));
      files.set(location, file);
      return file;
    };
    return naming(path, () => importOnnx(bytes, { ...options, externalData }));
  });
}

function expectExtension(who: string, path: string): void {
  if (extname(path) !== '.onnx') throw new ArgumentError(`${who}: ${path} must end in .onnx.`);
}
