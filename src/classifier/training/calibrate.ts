import { bestThreshold } from '../../metrics/thresholds.js';
import type { ImageClassifier } from '../imageClassifier.js';
import { learnOperatingPoints } from '../operatingPoints.js';
import { logitsOfKind, probabilities } from '../probabilities.js';
import { fitBinaryTemperature, fitTemperature } from '../temperature.js';

/**
 * The classifier with a temperature and operating points from held-out logits: those of photographs that its network did not learn from. Where photographs
 * may have several labels, and for yes or no, also with the threshold of each label that gives the largest F1.
 *
 * Shapes: logits [N, K] row by row, labels N class numbers; for several labels N * K answers of 0 or 1; for yes or no N logits and N answers.
 *
 * @example
 * const ready = calibrated(classifier, logits, labels);
 * await ready.classify('photo.jpg', { precision: 0.9 });
 */
export function calibrated(
  classifier: ImageClassifier,
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
): ImageClassifier {
  const { kind } = classifier.settings;
  const classes = classifier.classes.length;
  const outputs = logitsOfKind(kind, classes);
  const temperature =
    kind === 'one-of-many' ? fitTemperature({ logits, classes }, labels) : fitBinaryTemperature(logits, labels);
  const rows = Array.from({ length: logits.length / outputs }, (_, n) =>
    probabilities(
      kind,
      Array.from({ length: outputs }, (_, k) => logits[n * outputs + k]),
      temperature,
    ),
  );
  const confidences = rows.flatMap((row) => [...row]);
  const isRight = (n: number, k: number): number =>
    kind === 'multi-label' ? labels[n * classes + k] : Number(labels[n] === k);
  const marks = rows.flatMap((_, n) => Array.from({ length: classes }, (_, k) => isRight(n, k)));
  const operatingPoints = learnOperatingPoints(confidences, marks, classes);
  if (kind === 'one-of-many') return classifier.with({ temperature, operatingPoints });
  const columns = [rows.map((row) => [...row]), rows.map((_, n) => marks.slice(n * classes, (n + 1) * classes))];
  const best = classifier.classes.map((_, k) => {
    const [scores, truth] = columns.map((table) => table.map((row) => row[k]));
    return Math.min(1, bestThreshold(scores, truth).threshold);
  });
  const thresholds = kind === 'binary' ? [1 - best[1], best[1]] : best;
  return classifier.with({ temperature, operatingPoints, thresholds });
}
