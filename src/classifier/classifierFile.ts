import { FormatError, StridenetError } from '../base/errors.js';
import {
  anything,
  type Check,
  dictionary,
  list,
  nullable,
  numberField,
  object,
  optional,
  text,
  tuple,
  whole,
} from '../base/fields.js';
import type { Architecture } from '../layers/architecture.js';
import type { ClassInfo } from './classInfo.js';
import { type ClassifierSettings, classifierSettings, type ImageClassifierOptions } from './settings.js';

/** The key under which files carry what a classifier is, in the metadata of safetensors and ONNX alike. */
export const CLASSIFIER_KEY = 'stridenet.classifier';
/** The key of the architecture, in safetensors files. */
export const ARCHITECTURE_KEY = 'stridenet.architecture';

const VERSION = 1;

/** The settings as a text for the metadata of a file. */
export function writeSettings(settings: ClassifierSettings): string {
  const { classes, thresholds, operatingPoints, parents, info, ...rest } = settings;
  return JSON.stringify({
    version: VERSION,
    ...rest,
    // Most classes have nothing but a name.
    classes: classes.map(({ name, id, translations }) =>
      id === undefined && translations === undefined ? name : { name, id, translations },
    ),
    ...(thresholds !== null && { thresholds }),
    ...(operatingPoints !== null && { operatingPoints }),
    ...(parents !== null && { parents }),
    ...(Object.keys(info).length > 0 && { info }),
  });
}

const either: Check<string | ClassInfo> = (value, name) =>
  typeof value === 'string'
    ? value
    : object<ClassInfo>({
        name: text,
        id: optional(text),
        translations: optional(dictionary(text)),
      })(value, name);

const textOrNumber: Check<string | number> = (value, name) =>
  typeof value === 'number' ? numberField(value, name) : text(value, name);

const parent: Check<string | { id: string; name: string }> = (value, name) =>
  typeof value === 'string' ? value : object({ id: text, name: text })(value, name);

const numbers = list(numberField);

const fields = object<
  Omit<ImageClassifierOptions, 'thresholds'> & { version: number; thresholds?: number[] | undefined }
>({
  version: whole,
  classes: list(either),
  preprocessing: object({
    size: tuple(whole, whole),
    fit: text as Check<'crop'>,
    shortSide: whole,
    filter: text as Check<'bilinear'>,
    mean: numbers,
    std: numbers,
    colorOrder: text as Check<'RGB'>,
  }),
  kind: text as Check<'binary'>,
  temperature: numberField,
  thresholds: optional(numbers),
  operatingPoints: optional(
    object({
      precisions: numbers,
      thresholds: list(list(nullable(numberField))),
      recalls: list(numbers),
      images: whole,
    }),
  ),
  parents: optional(dictionary(parent)),
  info: optional(dictionary(textOrNumber)),
});

/** Reads the settings from the metadata of a file. Throws `FormatError` when they are missing or not what they should be. */
export function readSettings(metadata: Readonly<Record<string, string>>): ClassifierSettings {
  const json = metadata[CLASSIFIER_KEY];
  if (json === undefined) {
    throw new FormatError(
      'the file holds weights, but no classifier: its metadata has no classes and no preprocessing. Load the weights into a model, and make an ImageClassifier with classes and preprocessing of it.',
    );
  }
  try {
    const { version, ...options } = fields(parse(json, CLASSIFIER_KEY), '');
    if (version !== VERSION) {
      throw new FormatError(
        `it has version ${version}, but this library reads version ${VERSION}. Update the library.`,
      );
    }
    return classifierSettings(options);
  } catch (cause) {
    if (!(cause instanceof StridenetError)) throw cause;
    throw new FormatError(`the description of the classifier can't be used: ${cause.message}`, { cause });
  }
}

/** Reads the architecture from the metadata of a file. Throws `FormatError` when it is missing or no architecture. */
export function readArchitecture(metadata: Readonly<Record<string, string>>): Architecture {
  const json = metadata[ARCHITECTURE_KEY];
  if (json === undefined) {
    throw new FormatError(
      `the file does not say which network its weights are for: its metadata has no '${ARCHITECTURE_KEY}'.`,
    );
  }
  return object<Architecture>({ name: text, options: dictionary(anything) })(
    parse(json, ARCHITECTURE_KEY),
    ARCHITECTURE_KEY,
  );
}

function parse(json: string, key: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`the metadata '${key}' is no JSON. The file is damaged.`, { cause });
  }
}
