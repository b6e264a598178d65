import type { ImageClassifier } from '../imageClassifier.js';
import { learnOperatingPoints } from '../operatingPoints.js';
import { probabilities } from '../probabilities.js';
import { fitTemperature } from '../temperature.js';

/**
 * The classifier with a temperature and operating points from held-out logits: those of photographs that its network did not learn from.
 *
 * Shapes: logits [N, K] row by row, labels N class numbers.
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
  const classes = classifier.classes.length;
  const temperature = fitTemperature({ logits, classes }, labels);
  const rows = Array.from({ length: labels.length }, (_, n) =>
    probabilities(
      'one-of-many',
      Array.from({ length: classes }, (_, k) => logits[n * classes + k]),
      temperature,
    ),
  );
  const confidences = rows.flatMap((row) => [...row]);
  const marks = rows.flatMap((_, n) => Array.from({ length: classes }, (_, k) => Number(labels[n] === k)));
  return classifier.with({ temperature, operatingPoints: learnOperatingPoints(confidences, marks, classes) });
}
