import { expectedCalibrationError } from '../../metrics/calibration.js';
import { averageScores, type ClassScores, multiLabelScores } from '../../metrics/classScores.js';
import { averagePrecisions } from '../../metrics/ranking.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Skipped } from './features.js';

/** What a classifier of several labels said about one photograph of known labels. */
export interface LabelPrediction {
  /** The file. */
  readonly path: string;
  /** 0 or 1 for each label: what is right. */
  readonly marks: Uint8Array;
  /** The indices of the right labels. */
  readonly shows: readonly number[];
  /** One for each label, 0 to 1. */
  readonly confidences: Float64Array;
}

/** How good a classifier is at one label. */
export interface LabelScores extends Readonly<ClassScores> {
  /** The label. */
  readonly name: string;
  /** The area under the curve of precision by recall, whatever the threshold is; NaN where no photograph has the label. */
  readonly averagePrecision: number;
  /** The confidence from which on it is called. */
  readonly threshold: number;
}

/** How good a classifier of several labels is on photographs that it did not learn from. */
export interface MeasuredLabels {
  /** Any number of labels per photograph. */
  readonly kind: 'multi-label';
  /** What was measured, such as 'val'. */
  readonly name: string;
  /** The labels. */
  readonly classes: readonly string[];
  /** One for each photograph. */
  readonly predictions: readonly LabelPrediction[];
  /** One for each label. */
  readonly labels: readonly LabelScores[];
  /** The mean of the average precisions (mAP) over the labels that some photograph has. */
  readonly meanAveragePrecision: number;
  /** The mean of F1 over labels. */
  readonly meanF1: number;
  /** F1 of the decisions about all labels together. */
  readonly microF1: number;
  /** The share of photographs with exactly the right labels. */
  readonly accuracy: number;
  /** Mean over labels of the share that is found. */
  readonly meanRecall: number;
  /** The expected calibration error of yes and no, over all labels, 15 bins. */
  readonly calibrationError: number;
  /** Files that could not be read. */
  readonly skipped: readonly Skipped[];
}

/** Sums predictions up. Each label is called from its threshold on. */
export function measuredLabels(
  name: string,
  classes: readonly string[],
  thresholds: readonly number[],
  found: readonly Omit<LabelPrediction, 'shows'>[],
  skipped: readonly Skipped[],
): MeasuredLabels {
  const predictions = found.map((each) => ({
    ...each,
    shows: [...each.marks.keys()].filter((k) => each.marks[k] === 1),
  }));
  const count = classes.length;
  const truth = predictions.flatMap(({ marks }) => [...marks]);
  const confidences = predictions.flatMap((each) => [...each.confidences]);
  const called = confidences.map((confidence, i) => Number(confidence >= thresholds[i % count]));
  const scores = multiLabelScores(called, truth, count);
  const precisions =
    predictions.length === 0
      ? scores.map(() => Number.NaN)
      : averagePrecisions(Tensor.from(confidences, [predictions.length, count]), truth);
  const known = precisions.filter((value) => !Number.isNaN(value));
  const { f1, recall } = averageScores(scores, 'macro');
  const exact = predictions.filter((_, n) =>
    classes.every((_, k) => called[n * count + k] === truth[n * count + k]),
  ).length;
  return {
    ...{ kind: 'multi-label', name, classes, predictions, skipped },
    labels: scores.map((score, k) => ({
      ...score,
      name: classes[k],
      averagePrecision: precisions[k],
      threshold: thresholds[k],
    })),
    meanAveragePrecision: known.reduce((a, b) => a + b, 0) / known.length,
    meanF1: f1,
    microF1: averageScores(scores, 'micro').f1,
    accuracy: exact / predictions.length,
    meanRecall: recall,
    calibrationError: truth.length === 0 ? Number.NaN : expectedCalibrationError(yesAndNo(predictions), truth),
  };
}

/** The answers about all labels as logits of two classes, no and yes. Shapes: N predictions of K labels -> [N K, 2]. */
export function yesAndNo(predictions: readonly LabelPrediction[]): Tensor {
  const logits = predictions.flatMap((each) =>
    Array.from(each.confidences, (p) => [1 - p, p].map((share) => Math.log(Math.max(share, 1e-30)))).flat(),
  );
  return Tensor.from(logits, [logits.length / 2, 2]);
}
