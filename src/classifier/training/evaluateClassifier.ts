import { checkOptions } from '../../base/checkOptions.js';
import { DataError } from '../../base/errors.js';
import { pause } from '../../data/pause.js';
import type { ImageClassifier } from '../imageClassifier.js';
import { readPhoto } from '../photo.js';
import type { PhotoView, ViewSet } from '../photoViews.js';
import type { Skipped } from './features.js';
import { type Measured, measured, type Prediction } from './measured.js';
import { listApart, type PhotoList } from './photoList.js';

/** Which photographs `evaluateClassifier` measures, and how. */
export interface EvaluateClassifierOptions {
  /** Test-time augmentation. Default 'center', one view. */
  views?: ViewSet | readonly PhotoView[] | undefined;
  /** Aborting it ends the measurement with its reason. */
  signal?: AbortSignal | undefined;
  /** Called after each photograph. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Measures a classifier on a folder of photographs, a folder per class: on its `test` or `val` part, if it has one. Classes that the classifier
 * has are matched by name, or by id. Files that can't be read are skipped and listed.
 *
 * Throws `DataError` for a folder without photographs of known classes.
 *
 * @example
 * const { accuracy, calibrationError } = await evaluateClassifier(classifier, 'photos/val');
 */
export async function evaluateClassifier(
  classifier: ImageClassifier,
  folder: string,
  options: EvaluateClassifierOptions = {},
): Promise<Measured> {
  checkOptions('evaluateClassifier', options, ['views', 'signal', 'onProgress']);
  return measureList(classifier, folder, await matched(classifier, folder), options);
}

/** The photographs of the folder, with the class numbers of the classifier. */
async function matched(classifier: ImageClassifier, folder: string): Promise<PhotoList> {
  const list = await listApart(folder);
  const infos = classifier.settings.classes;
  const numbers = list.classes.map((name) => infos.findIndex((info) => info.name === name || info.id === name));
  const unknown = list.classes.filter((_, i) => numbers[i] < 0);
  if (unknown.length > 0) {
    const some = infos.slice(0, 5).map(({ name }) => name);
    throw new DataError(
      `evaluateClassifier: ${folder} has the classes ${unknown.slice(0, 5).join(', ')}, which the classifier does not know. It knows ${some.join(', ')}${infos.length > 5 ? ' and more' : ''}.`,
    );
  }
  return { ...list, classes: classifier.classes, labels: list.labels.map((label) => numbers[label]) };
}

/** Measures a classifier on listed photographs. */
export async function measureList(
  classifier: ImageClassifier,
  name: string,
  { paths, labels, classes }: PhotoList,
  { views = 'center', signal, onProgress }: EvaluateClassifierOptions = {},
): Promise<Measured> {
  const predictions: Prediction[] = [];
  const skipped: Skipped[] = [];
  for (const [i, path] of paths.entries()) {
    signal?.throwIfAborted();
    try {
      const [confidences] = await classifier.confidences([await readPhoto(path)], { views });
      predictions.push({ path, label: labels[i], confidences });
    } catch (error) {
      skipped.push({ path, reason: error instanceof Error ? error.message : String(error) });
    }
    onProgress?.(i + 1, paths.length);
    await pause();
  }
  return measured(name, classes, predictions, skipped);
}
