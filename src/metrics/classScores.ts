import { ShapeError } from '../base/errors.js';
import type { ConfusionMatrix } from './confusionMatrix.js';

/** Precision, recall and F1: of one class, or an average over classes. */
export interface Scores {
  /** Of what was called so, the share that is: tp / (tp + fp). */
  precision: number;
  /** Of what is so, the share that was found: tp / (tp + fn). */
  recall: number;
  /** 2 tp / (2 tp + fp + fn), the harmonic mean of both. */
  f1: number;
}

/** The scores of one class, NaN where a share is of nothing, and the counts behind them. */
export interface ClassScores extends Scores {
  /** Images of the class that were predicted to be of it. */
  truePositives: number;
  /** Images of other classes that were predicted to be of it. */
  falsePositives: number;
  /** Images of the class that were predicted to be something else. */
  falseNegatives: number;
  /** How many examples the class has. */
  support: number;
}

/** How classes weigh in an average. */
export type Average = 'macro' | 'micro' | 'weighted';

/** The scores of each class of a confusion matrix, where every image has one class and was called one. */
export function classScores(confusion: ConfusionMatrix): ClassScores[] {
  const { classes } = confusion;
  return Array.from({ length: classes }, (_, k) => {
    let examples = 0;
    let called = 0;
    for (let j = 0; j < classes; j++) {
      examples += confusion.at(k, j);
      called += confusion.at(j, k);
    }
    const right = confusion.at(k, k);
    return scoresOf(right, called - right, examples - right);
  });
}

/**
 * The scores of each class where images have any number of classes: see `applyThresholds`.
 *
 * Shapes: called and truth N * K multi-hot values (0 or 1), image by image -> K scores.
 */
export function multiLabelScores(called: ArrayLike<number>, truth: ArrayLike<number>, classes: number): ClassScores[] {
  if (called.length !== truth.length || called.length % classes !== 0) {
    throw new ShapeError(
      `multiLabelScores: ${called.length} calls and ${truth.length} targets; needs as many of both, a multiple of ${classes} classes.`,
    );
  }
  return Array.from({ length: classes }, (_, k) => {
    const counts = [0, 0, 0, 0];
    for (let i = k; i < called.length; i += classes) counts[2 * (called[i] ? 1 : 0) + (truth[i] ? 1 : 0)]++;
    const [, missed, wrong, right] = counts;
    return scoresOf(right, wrong, missed);
  });
}

/**
 * One value for all classes.
 *
 * - 'macro': the mean over classes, each the same;
 * - 'weighted': the mean weighted by each class's number of examples;
 * - 'micro': from the counts of all classes together. Where every image has one class and is called one, all three are the accuracy.
 *
 * A class without examples that was never called is left out. Of the others, a share of nothing counts as 0: a class that is never called
 * must not raise the mean precision. NaN when no class is left.
 */
export function averageScores(scores: readonly ClassScores[], average: Average): Scores {
  if (average === 'micro') {
    const total = (name: 'truePositives' | 'falsePositives' | 'falseNegatives'): number =>
      scores.reduce((sum, score) => sum + score[name], 0);
    const { precision, recall, f1 } = scoresOf(
      total('truePositives'),
      total('falsePositives'),
      total('falseNegatives'),
    );
    return { precision, recall, f1 };
  }
  const mean = (name: keyof Scores): number => {
    let sum = 0;
    let weights = 0;
    for (const score of scores) {
      if (Number.isNaN(score.f1)) continue;
      const weight = average === 'macro' ? 1 : score.support;
      sum += weight * (Number.isNaN(score[name]) ? 0 : score[name]);
      weights += weight;
    }
    return sum / weights;
  };
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

/** The scores of a class that was rightly called, wrongly called and missed so often. */
export function scoresOf(truePositives: number, falsePositives: number, falseNegatives: number): ClassScores {
  return {
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / (truePositives + falseNegatives),
    f1: (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
    truePositives,
    falsePositives,
    falseNegatives,
    support: truePositives + falseNegatives,
  };
}
