import { checkOptions } from '../../base/checkOptions.js';
import { DataError } from '../../base/errors.js';
import { pause } from '../../data/pause.js';
import type { ImageClassifier } from '../imageClassifier.js';
import { readPhoto } from '../photo.js';
import type { PhotoView, ViewSet } from '../photoViews.js';
import type { Skipped } from './features.js';
import { measuredBy } from './heldOut.js';
import type { Measured } from './measured.js';
import type { MeasuredLabels } from './measuredLabels.js';
import { choose, listApart, type PhotoList } from './photoList.js';

/** Which photographs `evaluateClassifier` measures, and how. */
export interface EvaluateClassifierOptions {
  /** A file of labels: CSV, TSV, JSON or JSON Lines. Default: the one that `imageFolder` finds, or a folder per class. */
  labels?: string | undefined;
  /** Test-time augmentation. Default 'center', one view. */
  views?: ViewSet | readonly PhotoView[] | undefined;
  /** Aborting it ends the measurement with its reason. */
  signal?: AbortSignal | undefined;
  /** Called after each photograph. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Measures a classifier on a folder of photographs, a folder per class or with a file of labels: on its `test` or `val` part, if it has one. Classes
 * that the classifier has are matched by name, or by id. Files that can't be read are skipped and listed.
 *
 * A classifier of several labels gets other figures than one of one answer: `kind` tells which.
 *
 * Throws `DataError` for a folder without photographs of known classes, or with several labels for a classifier that gives one answer.
 *
 * @example
 * const { accuracy, calibrationError } = await evaluateClassifier(classifier, 'photos/val');
 */
export async function evaluateClassifier(
  classifier: ImageClassifier,
  folder: string,
  options: EvaluateClassifierOptions = {},
): Promise<Measured | MeasuredLabels> {
  checkOptions('evaluateClassifier', options, ['labels', 'views', 'signal', 'onProgress']);
  return measureList(classifier, folder, await matched(classifier, folder, options.labels), options);
}

/** The photographs of the folder, with the class numbers or marks of the classifier. */
async function matched({ settings, classes }: ImageClassifier, folder: string, labels?: string): Promise<PhotoList> {
  const list = await listApart(folder, labels);
  const infos = settings.classes;
  const { kind } = settings;
  const numbers = list.classes.map((name) => infos.findIndex((info) => info.name === name || info.id === name));
  const unknown = list.classes.filter((_, i) => numbers[i] < 0);
  if (unknown.length > 0) {
    const some = infos.slice(0, 5).map(({ name }) => name);
    throw new DataError(
      `evaluateClassifier: ${folder} has the classes ${unknown.slice(0, 5).join(', ')}, which the classifier does not know. It knows ${some.join(', ')}${infos.length > 5 ? ' and more' : ''}.`,
    );
  }
  if (list.kind === 'multi-label' && kind !== 'multi-label') {
    throw new DataError(
      `evaluateClassifier: photographs of ${folder} have several labels or none, but the classifier is of kind '${kind}', which gives one answer. Use a classifier of kind 'multi-label'.`,
    );
  }
  const found =
    list.marks?.map((row) => numbers.filter((_, i) => row[i] === 1)) ?? list.labels.map((k) => [numbers[k]]);
  const marks =
    kind !== 'multi-label' ? null : found.map((own) => Uint8Array.from(classes, (_, k) => Number(own.includes(k))));
  return { ...list, kind, classes, labels: found.map(([first = classes.length]) => first), marks };
}

/** Measures a classifier on listed photographs. */
export async function measureList(
  classifier: ImageClassifier,
  name: string,
  list: PhotoList,
  { views = 'center', signal, onProgress }: EvaluateClassifierOptions = {},
): Promise<Measured | MeasuredLabels> {
  const { paths } = list;
  const confidences: Float64Array[] = [];
  const read: number[] = [];
  const skipped: Skipped[] = [];
  for (const [i, path] of paths.entries()) {
    signal?.throwIfAborted();
    try {
      confidences.push(...(await classifier.confidences([await readPhoto(path)], { views })));
      read.push(i);
    } catch (error) {
      skipped.push({ path, reason: error instanceof Error ? error.message : String(error) });
    }
    onProgress?.(i + 1, paths.length);
    await pause();
  }
  return measuredBy(classifier.settings, name, choose(list, read), confidences, skipped);
}
