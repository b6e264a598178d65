import { scope, withoutTape } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { hellinger } from '../hellinger.js';
import type { FeatureNorm } from '../transferModel.js';
import { crossEntropies } from './blend.js';
import { type FeatureTable, rowsOf } from './features.js';
import { stratifiedFolds } from './folds.js';
import { fitLinearHead, headLogits, type LinearWeights } from './linearHead.js';
import { targetsOf } from './photoList.js';

/** A last layer, and what it would have said about photographs that it did not see. */
export interface TrainedHead {
  readonly weights: LinearWeights;
  readonly featureNorm: FeatureNorm;
  readonly l2: number;
  /** [N, K]: each row from a layer that was trained without that photograph. */
  readonly heldOut: Float32Array;
  /** A layer of the same strength for some of the photographs. */
  fitOn(photos: readonly number[]): LinearWeights;
}

/** Strengths of the pull towards zero weights that are tried, the strongest last. */
const STRENGTHS = [0.01, 0.03, 0.1, 0.3, 1];
const FOLDS = 5;
/** Multiply-adds per fit above which fewer strengths and folds are tried. */
const LARGE = 2e9;

/**
 * Trains the last layer with an output for each class, or for yes: logistic regression on the features of all views, its l2 strength chosen by cross-validation, which also gives
 * held-out logits for every photograph. Photographs of a fold stay together with all their views.
 */
export async function trainHead(
  table: FeatureTable,
  outputs: number,
  seed: number,
  onFit: (done: number, total: number) => void,
): Promise<TrainedHead> {
  const { labels, width, views } = table;
  const targets = targetsOf(table);
  const normed = normalized(table);
  const isLarge = labels.length * views * width * outputs > LARGE;
  const strengths = isLarge ? [0.03] : STRENGTHS;
  const count = Math.max(2, Math.min(isLarge ? 2 : FOLDS, smallestClass(table)));
  const fold = stratifiedFolds(labels, count, `${seed}/folds`);
  const total = strengths.length * count + 1;
  let best: { l2: number; loss: number; heldOut: Float32Array } | undefined;
  for (const [s, l2] of strengths.entries()) {
    const heldOut = new Float32Array(labels.length * outputs);
    for (let f = 0; f < count; f++) {
      const seen = [...labels.keys()].filter((n) => fold[n] !== f);
      const rest = [...labels.keys()].filter((n) => fold[n] === f);
      const head = fit(normed.table, seen, outputs, l2);
      const logits = headLogits(head, rowsOf(normed.table, rest, [0]), width);
      for (const [i, n] of rest.entries()) heldOut.set(logits.subarray(i * outputs, (i + 1) * outputs), n * outputs);
      onFit(s * count + f + 1, total);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const loss = meanOf(crossEntropies(heldOut, targets, outputs));
    if (best === undefined || loss < best.loss) best = { l2, loss, heldOut };
  }
  const { l2, heldOut } = best as { l2: number; heldOut: Float32Array };
  const weights = fit(normed.table, [...labels.keys()], outputs, l2);
  onFit(total, total);
  return {
    weights,
    featureNorm: normed.featureNorm,
    l2,
    heldOut,
    fitOn: (photos) => fit(normed.table, photos, outputs, l2),
  };
}

/** Features that a ReLU made are normalized; others may be negative and stay as they are. */
function normalized(table: FeatureTable): { table: FeatureTable; featureNorm: FeatureNorm } {
  const { features, width } = table;
  if (features.some((value) => value < 0)) return { table, featureNorm: 'none' };
  const shares = withoutTape(() =>
    scope(() => Float32Array.from(hellinger(Tensor.from(features, [features.length / width, width])).data)),
  );
  return { table: { ...table, features: shares }, featureNorm: 'hellinger' };
}

function fit(table: FeatureTable, photos: readonly number[], outputs: number, l2: number): LinearWeights {
  const views = Array.from({ length: table.views }, (_, v) => v);
  const own = (n: number): readonly number[] => (table.marks === null ? [table.labels[n]] : [...table.marks[n]]);
  const targets = Int32Array.from(photos.flatMap((n) => views.flatMap(() => own(n))));
  return fitLinearHead({ features: rowsOf(table, photos, views), width: table.width, targets }, outputs, l2);
}

/** Photographs of the rarest class or label. */
function smallestClass({ labels, marks }: FeatureTable): number {
  const counts = new Map<number, number>();
  const count = (k: number, by: number): void => void counts.set(k, (counts.get(k) ?? 0) + by);
  if (marks === null) for (const label of labels) count(label, 1);
  for (const row of marks ?? []) for (const [k, mark] of row.entries()) count(k, mark);
  return Math.min(...counts.values());
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
