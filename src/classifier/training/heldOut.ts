import type { ImageClassifier } from '../imageClassifier.js';
import { probabilities } from '../probabilities.js';
import { stratifiedFolds } from './folds.js';
import { type Measured, measured } from './measured.js';
import { choose, type PhotoList } from './photoList.js';

/** One photograph in so many is held out while the backbone learns. */
const HELD_OUT = 6;

/** One photograph in six of each class, for early stopping and calibration, and the others. */
export function heldOutSplit(list: PhotoList, seed: number): { train: PhotoList; heldOut: PhotoList } {
  const fold = stratifiedFolds(list.labels, HELD_OUT, `${seed}/held out`);
  const numbers = [...list.labels.keys()];
  return {
    train: choose(
      list,
      numbers.filter((n) => fold[n] !== 0),
    ),
    heldOut: choose(
      list,
      numbers.filter((n) => fold[n] === 0),
    ),
  };
}

/** Predictions from held-out logits, as the calibrated classifier would make them. */
export function heldOutMeasured(
  { settings, classes }: ImageClassifier,
  name: string,
  list: PhotoList,
  logits: Float32Array,
): Measured {
  const predictions = list.paths.map((path, n) => ({
    path,
    label: list.labels[n],
    confidences: probabilities(
      'one-of-many',
      logits.subarray(n * classes.length, (n + 1) * classes.length),
      settings.temperature,
    ),
  }));
  return measured(name, classes, predictions, []);
}
