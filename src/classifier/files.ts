import { ArgumentError, FormatError, StateDictError } from '../base/errors.js';
import { sourceOf } from '../io/byteSource.js';
import { float16Bytes, float32Bytes } from '../io/dtypes.js';
import { QUANTIZED_KEY } from '../io/quantizedKey.js';
import { type RawTensor, readSafetensors, readSafetensorsMetadata, writeRawTensors } from '../io/safetensors.js';
import { weightsFormat } from '../io/weightsFormat.js';
import type { Module } from '../layers/module.js';
import { buildArchitecture, describeArchitecture } from './architectures.js';
import { ARCHITECTURE_KEY, CLASSIFIER_KEY, readArchitecture, readSettings, writeSettings } from './classifierFile.js';
import { expectOutputs } from './expectOutputs.js';
import { logitsOfKind } from './probabilities.js';
import type { ClassifierSettings } from './settings.js';

/** The bytes of a classifier's file. Of one in 8-bit integers, `weights` says nothing. */
export async function writeClassifier(
  model: Module,
  settings: ClassifierSettings,
  format: 'safetensors' | 'onnx',
  weights: 'float32' | 'float16',
): Promise<Uint8Array> {
  const { preprocessing, kind, classes } = settings;
  const description = { [CLASSIFIER_KEY]: writeSettings(settings) };
  expectOutputs(model, settings);
  const { QuantizedModel } = await import('../edge/quantize/quantizedModel.js');
  if (model instanceof QuantizedModel) {
    if (format === 'safetensors') return model.save({ metadata: description });
    throw new ArgumentError(
      'save: a classifier in 8-bit integers is saved as .safetensors. For an ONNX file of its network, use exportQuantizedOnnx of stridenet/edge.',
    );
  }
  if (format === 'onnx') {
    const { exportOnnx } = await import('../onnx/exportOnnx.js');
    const channels = preprocessing.colorOrder === 'L' ? 1 : 3;
    return exportOnnx(model, [1, channels, ...preprocessing.size], { metadata: description });
  }
  const architecture = await describeArchitecture(model, logitsOfKind(kind, classes.length));
  const half = weights === 'float16';
  const tensors = new Map<string, RawTensor>();
  for (const [name, { shape, data }] of model.stateDict()) {
    tensors.set(name, { dtype: half ? 'F16' : 'F32', shape, bytes: half ? float16Bytes(data) : float32Bytes(data) });
  }
  return writeRawTensors(tensors, { ...description, [ARCHITECTURE_KEY]: JSON.stringify(architecture) });
}

/** Reads what `writeClassifier` wrote. Throws `FormatError` for files that are damaged or hold no classifier. */
export async function readClassifier(bytes: Uint8Array): Promise<{ model: Module; settings: ClassifierSettings }> {
  const format = weightsFormat(sourceOf(bytes));
  const { model, settings } = format === 'safetensors' ? await fromSafetensors(bytes) : await fromOnnx(bytes, format);
  expectOutputs(model, settings, FormatError);
  return { model: model.eval(), settings };
}

async function fromSafetensors(bytes: Uint8Array): Promise<{ model: Module; settings: ClassifierSettings }> {
  const metadata = readSafetensorsMetadata(bytes);
  const settings = readSettings(metadata);
  if (metadata[QUANTIZED_KEY] !== undefined) {
    const { QuantizedModel } = await import('../edge/quantize/quantizedModel.js');
    return { model: QuantizedModel.load(bytes), settings };
  }
  const model = await buildArchitecture(readArchitecture(metadata));
  try {
    model.loadStateDict(readSafetensors(bytes));
  } catch (cause) {
    if (!(cause instanceof StateDictError)) throw cause;
    throw new FormatError(`the weights don't fit the architecture that the file names: ${cause.message}`, { cause });
  }
  return { model, settings };
}

async function fromOnnx(
  bytes: Uint8Array,
  format: string | null,
): Promise<{ model: Module; settings: ClassifierSettings }> {
  if (format !== null) {
    throw new FormatError(
      `the file is a PyTorch checkpoint of ${bytes.length} bytes, which holds weights alone. Load it into a model with loadWeightsInto, and make an ImageClassifier of that.`,
    );
  }
  if (bytes[0] === 0x7b) {
    throw new FormatError(
      'the file is JSON, such as the model.json of a TensorFlow.js model, which names neither classes nor preprocessing. Load it with loadPreset, and save that as a classifier; or train one with it as the backbone.',
    );
  }
  const { importOnnx, readOnnxMetadata } = await import('../onnx/importOnnx.js');
  const settings = readSettings(readOnnxMetadata(bytes));
  return { model: importOnnx(bytes), settings };
}
