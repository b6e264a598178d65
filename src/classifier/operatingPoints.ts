import { ArgumentError, ShapeError } from '../base/errors.js';

/** From which confidence on each label is right often enough. */
export interface OperatingPoints {
  /** Precisions, ascending. */
  readonly precisions: readonly number[];
  /** For each precision and each class: the lowest confidence that reaches it, null where none does. */
  readonly thresholds: readonly (readonly (number | null)[])[];
  /** Of all pictures that a label belongs to, the share that is found there, by precision and class. */
  readonly recalls: readonly (readonly number[])[];
  /** Held-out pictures that they were learned from. */
  readonly images: number;
}

/** The precisions that files hold operating points for. */
const PRECISIONS = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995];

/** Standard errors between the measured precision and the bound that has to reach the target: 84 % one-sided confidence. */
const Z = 1;

/**
 * Learns operating points from held-out pictures: for each label the lowest confidence at which the lower bound of its precision reaches
 * the target. Labels are called independently of each other: `confidence >= threshold`.
 *
 * Shapes: confidences [N, K] row by row, marks N * K of 0 or 1 -> thresholds for each precision and class.
 *
 * Numerics: the bound is Wilson's, one standard error below the measured precision. Without it, the lowest of many thresholds that happen to
 * look good would promise too much.
 *
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
 */
export function learnOperatingPoints(
  confidences: ArrayLike<number>,
  marks: ArrayLike<number>,
  classes: number,
): OperatingPoints {
  const images = confidences.length / classes;
  if (!Number.isInteger(images) || images === 0 || marks.length !== confidences.length) {
    throw new ShapeError(
      `learnOperatingPoints: ${confidences.length} confidences of ${classes} classes do not fit ${marks.length} marks.`,
    );
  }
  const thresholds = PRECISIONS.map(() => new Array<number | null>(classes).fill(null));
  const recalls = PRECISIONS.map(() => new Array<number>(classes).fill(0));
  for (let k = 0; k < classes; k++) {
    const order = Array.from({ length: images }, (_, n) => n * classes + k).sort(
      (a, b) => confidences[b] - confidences[a],
    );
    const positives = order.reduce((sum, at) => sum + marks[at], 0);
    let right = 0;
    for (const [rank, at] of order.entries()) {
      right += marks[at];
      const next = order[rank + 1];
      // Pictures of equal confidence are called together.
      if (next !== undefined && confidences[next] === confidences[at]) continue;
      const bound = lowerBound(right, rank + 1);
      for (const [i, target] of PRECISIONS.entries()) {
        if (bound < target) continue;
        const below = next === undefined ? 0 : confidences[next];
        thresholds[i][k] = (confidences[at] + below) / 2;
        recalls[i][k] = right / positives;
      }
    }
  }
  return { precisions: PRECISIONS, thresholds, recalls, images };
}

/** Wilson's lower bound of a share, `Z` standard errors down. */
function lowerBound(right: number, count: number): number {
  const share = right / count;
  const z2 = Z * Z;
  const center = share + z2 / (2 * count);
  const spread = Z * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return (center - spread) / (1 + z2 / count);
}

/**
 * The threshold of each class for a precision, from the next one that was learned. Throws `ArgumentError` for one out of range, or above
 * those that were learned.
 */
export function thresholdsFor(points: OperatingPoints, precision: number): readonly (number | null)[] {
  const i = points.precisions.findIndex((known) => known >= precision - 1e-9);
  if (precision > 0 && i >= 0) return points.thresholds[i];
  throw new ArgumentError(
    `classify: precision is ${precision}, but must be above 0 and at most ${points.precisions.at(-1)}, for which operating points were learned.`,
  );
}
