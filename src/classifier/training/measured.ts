import { expectedCalibrationError } from '../../metrics/calibration.js';
import { ConfusionMatrix } from '../../metrics/confusionMatrix.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Skipped } from './features.js';

/** What a classifier said about one photograph of known class. */
export interface Prediction {
  /** The file. */
  readonly path: string;
  /** The index of the right class. */
  readonly label: number;
  /** The same as a list, as photographs with several labels have it. */
  readonly shows: readonly number[];
  /** One for each class, 0 to 1. */
  readonly confidences: Float64Array;
  /** The index of the class that was answered: the likeliest, or what the threshold of a binary classifier says. */
  readonly answer: number;
}

/** How good a classifier of one class per photograph is on those that it did not learn from. */
export interface Measured {
  /** One class per photograph. */
  readonly kind: 'one-of-many' | 'binary';
  /** What was measured, such as 'val'. */
  readonly name: string;
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** One for each photograph. */
  readonly predictions: readonly Prediction[];
  /** The fraction that is right. */
  readonly accuracy: number;
  /** Mean over classes of the share that is found. */
  readonly meanRecall: number;
  /** The expected calibration error, 15 bins. */
  readonly calibrationError: number;
  /** How often each class was called each other. */
  readonly confusion: ConfusionMatrix;
  /** Files that could not be read. */
  readonly skipped: readonly Skipped[];
}

/** Sums predictions up. A binary classifier answers yes from a threshold on, others with the likeliest class. */
export function measured(
  name: string,
  classes: readonly string[],
  found: readonly Omit<Prediction, 'answer' | 'shows'>[],
  skipped: readonly Skipped[],
  threshold?: number,
): Measured {
  const predictions = found.map((each) => ({
    ...each,
    shows: [each.label],
    answer: threshold === undefined ? likeliest(each.confidences) : Number(each.confidences[1] >= threshold),
  }));
  const confusion = new ConfusionMatrix(classes.length);
  const labels = predictions.map(({ label }) => label);
  confusion.add(
    labels,
    predictions.map(({ answer }) => answer),
  );
  const recalls = classes.map((_, k) => {
    const own = predictions.filter(({ label }) => label === k);
    return own.length === 0 ? undefined : own.filter(({ answer }) => answer === k).length / own.length;
  });
  const known = recalls.filter((recall) => recall !== undefined);
  // The softmax of a logarithm is the confidence itself.
  const logits = predictions.flatMap(({ confidences }) => Array.from(confidences, (p) => Math.log(Math.max(p, 1e-30))));
  return {
    kind: threshold === undefined ? 'one-of-many' : 'binary',
    name,
    classes,
    predictions,
    accuracy: confusion.accuracy,
    meanRecall: known.reduce((a, b) => a + b, 0) / known.length,
    calibrationError:
      predictions.length === 0
        ? Number.NaN
        : expectedCalibrationError(Tensor.from(logits, [predictions.length, classes.length]), labels),
    confusion,
    skipped,
  };
}

/** Ties go to the lower number. */
function likeliest(confidences: Float64Array): number {
  let best = 0;
  for (let k = 1; k < confidences.length; k++) if (confidences[k] > confidences[best]) best = k;
  return best;
}
