import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { type ClassInfo, classInfos } from './classInfo.js';
import type { Parents } from './hierarchy.js';
import type { OperatingPoints } from './operatingPoints.js';
import { type Preprocessing, type PreprocessingOptions, preprocessing } from './preprocessing.js';
import { type ClassifierKind, kinds } from './probabilities.js';

/** Everything about a classifier but its network. */
export interface ClassifierSettings {
  /** One of many classes, yes or no, or any number of labels. */
  readonly kind: ClassifierKind;
  /** In the order of the outputs. */
  readonly classes: readonly ClassInfo[];
  /** From a photograph to the input of the network. */
  readonly preprocessing: Preprocessing;
  /** What logits are divided by before they become confidences. */
  readonly temperature: number;
  /** From which confidence on each label applies; for several labels and for yes or no. */
  readonly thresholds: readonly number[] | null;
  /** Thresholds at which each label reaches a precision. */
  readonly operatingPoints: OperatingPoints | null;
  /** The concepts above the classes. */
  readonly parents: Parents | null;
  /** Where it comes from: recipe, seed, accuracy, license and whatever else is worth knowing. */
  readonly info: Readonly<Record<string, string | number>>;
}

/** `ClassifierSettings` as they are given. */
export interface ImageClassifierOptions {
  /** Names, or names with ids and translations, in the order of the logits. Of a binary classifier: no, then yes. */
  classes: readonly (string | ClassInfo)[];
  /** How photographs become the input. */
  preprocessing: PreprocessingOptions;
  /** Default 'one-of-many'. */
  kind?: ClassifierKind | undefined;
  /** Default 1. See `fitTemperature`. */
  temperature?: number | undefined;
  /** From which confidence on each label applies: one number for all or one per class. Default 0.5. Not for one of many. */
  thresholds?: number | readonly number[] | undefined;
  /** What `learnOperatingPoints` gives, for `classify(photo, { precision })`. */
  operatingPoints?: OperatingPoints | undefined;
  /** What classes belong to, so that an unsure answer can be a more general one. */
  parents?: Parents | undefined;
  /** Texts and numbers to keep in the file: recipe, seed, accuracy, license. */
  info?: Readonly<Record<string, string | number>> | undefined;
}

/** Checks the settings of a classifier and fills in defaults. Throws `ArgumentError` for what is out of range or doesn't fit. */
export function classifierSettings(options: ImageClassifierOptions): ClassifierSettings {
  const who = 'ImageClassifier';
  checkOptions(who, options, [
    'classes',
    'preprocessing',
    'kind',
    'temperature',
    'thresholds',
    'operatingPoints',
    'parents',
    'info',
  ]);
  const {
    kind = 'one-of-many',
    temperature = 1,
    thresholds,
    operatingPoints = null,
    parents = null,
    info = {},
  } = options;
  const classes = classInfos(who, options.classes);
  if (!kinds.includes(kind)) {
    throw new ArgumentError(`${who}: kind is '${kind}', but must be one of ${kinds.map((k) => `'${k}'`).join(', ')}.`);
  }
  if (kind === 'binary' && classes.length !== 2) {
    throw new ArgumentError(
      `${who}: a binary classifier has two classes, no and yes, but ${classes.length} were given.`,
    );
  }
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new ArgumentError(`${who}: temperature is ${temperature}, but must be a number above 0.`);
  }
  if (options.preprocessing === undefined) {
    throw new ArgumentError(`${who}: preprocessing is missing, such as { size: 224, mean: [...], std: [...] }.`);
  }
  return {
    kind,
    classes,
    preprocessing: preprocessing(options.preprocessing),
    temperature,
    thresholds: thresholdList(kind, thresholds, classes.length),
    operatingPoints: operatingPoints && checkPoints(operatingPoints, classes.length),
    parents,
    info,
  };
}

function thresholdList(
  kind: ClassifierKind,
  given: number | readonly number[] | undefined,
  classes: number,
): readonly number[] | null {
  if (kind === 'one-of-many') {
    if (given === undefined) return null;
    throw new ArgumentError(
      "ImageClassifier: thresholds belong to kind 'binary' or 'multi-label'. Use minimumConfidence or precision in classify.",
    );
  }
  const list = typeof given === 'object' ? [...given] : new Array<number>(classes).fill(given ?? 0.5);
  if (list.length === classes && list.every((t) => t >= 0 && t <= 1)) return list;
  throw new ArgumentError(
    `ImageClassifier: thresholds are [${list.join(', ')}], but must be ${classes} numbers from 0 to 1, one per class.`,
  );
}

function checkPoints(points: OperatingPoints, classes: number): OperatingPoints {
  const { precisions, thresholds, recalls } = points;
  const fits = [thresholds, recalls].every(
    (table) => table.length === precisions.length && table.every((row) => row.length === classes),
  );
  if (fits) return points;
  throw new ArgumentError(
    `ImageClassifier: operatingPoints are not ${precisions.length} rows of ${classes} classes. Learn them with learnOperatingPoints.`,
  );
}

/** Settings as options that make the same settings. */
export function optionsOf(settings: ClassifierSettings): ImageClassifierOptions {
  const { thresholds, operatingPoints, parents, ...rest } = settings;
  return {
    ...rest,
    ...(thresholds !== null && { thresholds }),
    ...(operatingPoints !== null && { operatingPoints }),
    ...(parents !== null && { parents }),
  };
}
