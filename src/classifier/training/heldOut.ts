import type { ImageClassifier } from '../imageClassifier.js';
import { probabilities } from '../probabilities.js';
import type { ClassifierSettings } from '../settings.js';
import type { Skipped } from './features.js';
import { stratifiedFolds } from './folds.js';
import { type Measured, measured } from './measured.js';
import { type MeasuredLabels, measuredLabels } from './measuredLabels.js';
import { choose, outputsOf, type PhotoList } from './photoList.js';

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
  { settings }: ImageClassifier,
  name: string,
  list: PhotoList,
  logits: Float32Array,
): Measured | MeasuredLabels {
  const { kind, temperature } = settings;
  const outputs = outputsOf(list);
  const confidences = list.paths.map((_, n) =>
    probabilities(kind, logits.subarray(n * outputs, (n + 1) * outputs), temperature),
  );
  return measuredBy(settings, name, list, confidences, []);
}

/** What a classifier with these settings is worth, from its confidences for listed photographs. */
export function measuredBy(
  settings: ClassifierSettings,
  name: string,
  { paths, labels, marks }: Pick<PhotoList, 'paths' | 'labels' | 'marks'>,
  confidences: readonly Float64Array[],
  skipped: readonly Skipped[],
): Measured | MeasuredLabels {
  const classes = settings.classes.map((info) => info.name);
  const thresholds = settings.thresholds ?? [];
  if (settings.kind === 'multi-label' && marks !== null) {
    const predictions = paths.map((path, n) => ({ path, marks: marks[n], confidences: confidences[n] }));
    return measuredLabels(name, classes, thresholds, predictions, skipped);
  }
  const predictions = paths.map((path, n) => ({ path, label: labels[n], confidences: confidences[n] }));
  return measured(name, classes, predictions, skipped, settings.kind === 'binary' ? thresholds[1] : undefined);
}
