import type { ImageClassifier } from '../imageClassifier.js';
import { probabilities } from '../probabilities.js';
import { stratifiedFolds } from './folds.js';
import { type Measured, measured } from './measured.js';
import { choose, type PhotoList } from './photoList.js';

/** One photograph in so many is held out while the backbone learns. */
const HELD_OUT = 6;

/** A list in two parts. */
export interface HeldOutSplit {
  readonly train: PhotoList;
  readonly heldOut: PhotoList;
  /** The numbers of the photographs in `train`. */
  readonly seen: readonly number[];
}

/** One photograph in six of each class, for early stopping and calibration, and the others. */
export function heldOutSplit(list: PhotoList, seed: number): HeldOutSplit {
  const fold = stratifiedFolds(list.labels, HELD_OUT, `${seed}/held out`);
  const seen = [...list.labels.keys()].filter((n) => fold[n] !== 0);
  const rest = [...list.labels.keys()].filter((n) => fold[n] === 0);
  return { train: choose(list, seen), heldOut: choose(list, rest), seen };
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
