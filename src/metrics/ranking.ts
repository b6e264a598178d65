import { ShapeError } from '../base/errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { columnOf, multiHotOf, type TargetValues } from './targets.js';

/**
 * Average precision: the area under the steps of the precision-recall curve, sum of (R_i - R_(i-1)) P_i over the distinct scores from
 * the highest down. 1 when every positive scores above every negative.
 *
 * Equal scores are one step, so their order does not matter. NaN without positives, or when a score is NaN.
 *
 * Shapes: scores N numbers, truth N values (0 or 1) -> 0 to 1.
 *
 * @example
 * averagePrecision([4, 3, 2, 1], [1, 0, 1, 0]); // (1/1 + 2/3) / 2
 */
export function averagePrecision(scores: ArrayLike<number>, truth: ArrayLike<number>): number {
  let sum = 0;
  let before = 0;
  const { positives } = walkThresholds('averagePrecision', scores, truth, (_score, tp, fp) => {
    sum += (tp - before) * (tp / (tp + fp));
    before = tp;
  });
  return sum / positives;
}

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative in which the positive scores higher; a tie counts half.
 *
 * NaN without positives or without negatives, or when a score is NaN.
 *
 * Shapes: scores N numbers, truth N values (0 or 1) -> 0 to 1.
 *
 * Source: Mann-Whitney statistic; Fawcett, An introduction to ROC analysis, 2006, section 7.
 *
 * @example
 * rocAuc([4, 3, 2, 1], [1, 0, 1, 0]); // 3 of 4 pairs
 */
export function rocAuc(scores: ArrayLike<number>, truth: ArrayLike<number>): number {
  let area = 0;
  let beforeTp = 0;
  let beforeFp = 0;
  const { positives, negatives } = walkThresholds('rocAuc', scores, truth, (_score, tp, fp) => {
    area += ((fp - beforeFp) * (tp + beforeTp)) / 2;
    beforeTp = tp;
    beforeFp = fp;
  });
  return area / (positives * negatives);
}

/** `averagePrecision` of each class of scores [N, K]; NaN for one without positives. */
export function averagePrecisions(scores: Tensor, targets: TargetValues): number[] {
  return perClass('averagePrecisions', scores, targets, averagePrecision);
}

/**
 * Mean average precision (mAP) over the classes that have a positive; NaN when none has.
 *
 * Shapes: scores [N, K], targets N class indices or N * K multi-hot values -> 0 to 1.
 */
export function meanAveragePrecision(scores: Tensor, targets: TargetValues): number {
  return meanOverClasses(
    scores.data,
    multiHotOf('meanAveragePrecision', scores, targets),
    scores.shape[1],
    averagePrecision,
  );
}

/** `rocAuc` of each class of scores [N, K] against all others; NaN for one without positives or negatives. */
export function rocAucs(scores: Tensor, targets: TargetValues): number[] {
  return perClass('rocAucs', scores, targets, rocAuc);
}

/**
 * The mean of `rocAucs` over the classes with both positives and negatives; NaN when none has.
 *
 * Shapes: scores [N, K], targets N class indices or N * K multi-hot values -> 0 to 1.
 */
export function meanRocAuc(scores: Tensor, targets: TargetValues): number {
  return meanOverClasses(scores.data, multiHotOf('meanRocAuc', scores, targets), scores.shape[1], rocAuc);
}

/**
 * Tells `visit`, at each distinct score from the highest down, how many positives (tp) and negatives (fp) score that much or more. A NaN
 * among the scores: nothing is visited, and both totals are NaN, as is what is divided by them.
 */
export function walkThresholds(
  who: string,
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  visit: (score: number, tp: number, fp: number) => void,
): { positives: number; negatives: number } {
  if (scores.length !== truth.length) {
    throw new ShapeError(`${who}: ${scores.length} scores, but ${truth.length} targets; they go in pairs.`);
  }
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) {
    if (Number.isNaN(scores[i])) return { positives: Number.NaN, negatives: Number.NaN };
    order[i] = i;
  }
  order.sort((a, b) => (scores[a] > scores[b] ? -1 : scores[a] < scores[b] ? 1 : 0));
  let tp = 0;
  let fp = 0;
  for (let i = 0; i < order.length; i++) {
    const score = scores[order[i]];
    if (truth[order[i]] === 0) fp++;
    else tp++;
    if (i + 1 === order.length || scores[order[i + 1]] !== score) visit(score, tp, fp);
  }
  return { positives: tp, negatives: fp };
}

/** What `averagePrecision` or `rocAuc` is for the scores and targets of one class. */
export type RankingMeasure = (scores: ArrayLike<number>, truth: ArrayLike<number>) => number;

function perClass(who: string, scores: Tensor, targets: TargetValues, measure: RankingMeasure): number[] {
  return measureClasses(scores.data, multiHotOf(who, scores, targets), scores.shape[1], measure);
}

/** `measure` of each class of row-major scores and targets. */
function measureClasses(
  scores: ArrayLike<number>,
  multiHot: ArrayLike<number>,
  classes: number,
  measure: RankingMeasure,
): number[] {
  return Array.from({ length: classes }, (_, k) =>
    measure(columnOf(scores, classes, k), columnOf(multiHot, classes, k)),
  );
}

/** The mean over the classes where `measure` is defined. A NaN among the scores must not look like a class without examples. */
export function meanOverClasses(
  scores: ArrayLike<number>,
  multiHot: ArrayLike<number>,
  classes: number,
  measure: RankingMeasure,
): number {
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i])) return Number.NaN;
  const defined = measureClasses(scores, multiHot, classes, measure).filter((value) => !Number.isNaN(value));
  return defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
