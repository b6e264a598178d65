import { ShapeError } from '../base/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { walkThresholds } from './ranking.js';
import { columnOf, multiHotOf, type TargetValues } from './targets.js';

/** From which score on a class is called, and the F1 this gives. */
export interface Threshold {
  /** The logit above which an image counts as having the class. */
  threshold: number;
  /** The F1 score that this threshold reaches. */
  f1: number;
}

/**
 * The threshold with the largest F1 = 2 tp / (2 tp + fp + fn), where `score >= threshold` calls the class. It lies half way between the
 * lowest score it calls and the next one below; of equally good ones it is the highest.
 *
 * Without positives the class is never called: threshold Infinity, F1 NaN. So too when a score is NaN.
 *
 * Shapes: scores N numbers, truth N values (0 or 1).
 *
 * @example
 * bestThreshold([4, 3, 2, 1], [1, 1, 0, 0]); // { threshold: 2.5, f1: 1 }
 */
export function bestThreshold(scores: ArrayLike<number>, truth: ArrayLike<number>): Threshold {
  // F1 = 2 tp / (tp + fp + positives), so the number of positives must be known first.
  const { positives } = walkThresholds('bestThreshold', scores, truth, () => undefined);
  const best: Threshold = { threshold: Number.POSITIVE_INFINITY, f1: Number.NaN };
  if (!(positives > 0)) return best;
  best.f1 = 0;
  let isLowest = false;
  walkThresholds('bestThreshold', scores, truth, (score, tp, fp) => {
    const middle = (best.threshold + score) / 2;
    // Not so for neighboring doubles, where the middle rounds down, and after -Infinity.
    if (isLowest && middle > score) best.threshold = middle;
    const f1 = (2 * tp) / (tp + fp + positives);
    isLowest = f1 > best.f1;
    if (isLowest) Object.assign(best, { threshold: score, f1 });
  });
  return best;
}

/**
 * `bestThreshold` of each class of scores [N, K]: choose them on validation data. They are on the scale of the scores: logits give
 * thresholds for logits.
 *
 * Shapes: scores [N, K], targets N * K multi-hot values (or N class indices) -> K thresholds.
 */
export function bestThresholds(scores: Tensor, targets: TargetValues): Threshold[] {
  const multiHot = multiHotOf('bestThresholds', scores, targets);
  const classes = scores.shape[1];
  return Array.from({ length: classes }, (_, k) =>
    bestThreshold(columnOf(scores.data, classes, k), columnOf(multiHot, classes, k)),
  );
}

/**
 * Which classes are called: 1 where the score reaches its class's threshold, else 0.
 *
 * Shapes: scores [N, K], one threshold for all classes or K of them -> N * K multi-hot values.
 *
 * @example
 * const called = applyThresholds(logits, bestThresholds(validationLogits, multiHot).map(({ threshold }) => threshold));
 */
export function applyThresholds(scores: Tensor, thresholds: number | ArrayLike<number>): Uint8Array {
  const classes = scores.shape[scores.shape.length - 1];
  if (typeof thresholds !== 'number' && thresholds.length !== classes) {
    throw new ShapeError(`applyThresholds: ${thresholds.length} thresholds, but the scores have ${classes} classes.`);
  }
  const called = new Uint8Array(scores.data.length);
  for (let i = 0; i < called.length; i++) {
    const threshold = typeof thresholds === 'number' ? thresholds : thresholds[i % classes];
    called[i] = scores.data[i] >= threshold ? 1 : 0;
  }
  return called;
}
