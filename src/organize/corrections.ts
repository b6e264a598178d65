import { ShapeError } from '../base/errors.js';
import { minimize } from '../classifier/training/lbfgs.js';

/** A photograph of which somebody has said what it shows. */
export interface Correction {
  /** The number of the photograph. */
  readonly photo: number;
  /** What it shows; a name that the classifier doesn't know is a new label. */
  readonly label: string;
}

/** Photographs as the trunk of the network sees them. */
export interface Seen {
  /** Features, one row per photograph. */
  readonly features: readonly Float32Array[];
  /** Confidences in the classes, one row per photograph. */
  readonly confidences: readonly ArrayLike<number>[];
}

/** Photographs that hold the rest of the labels in place. */
const ANCHORS = 200;
/** What a photograph that nobody has corrected weighs against a corrected one. */
const ANCHOR_WEIGHT = 0.05;
/** The pull towards the head as it was. */
const RIDGE = 0.02;
/** Centered features get this length: logits move by about as much for a weight of 1. */
const LENGTH = 6;

/**
 * What corrections add to the logits of a classifier: a linear head on top of features that stay as they are, for the labels that corrections name
 * and those that they were taken for. Where there are no corrections, it changes nothing.
 *
 * It minimizes the cross-entropy of corrections, plus that between the answers before and after on photographs that nobody has corrected, plus
 * the squares of its weights.
 */
export class CorrectionHead {
  /** The labels: the classes, and new ones that corrections name. */
  readonly labels: readonly string[];
  readonly #classes: number;
  readonly #mean: Float64Array;
  /** The labels that move. */
  readonly #moving: readonly number[];
  /** A row of weights and a bias for each. */
  readonly #weights: Float64Array;

  /** Throws `ShapeError` for features and confidences that don't fit each other. */
  constructor(classes: readonly string[], seen: Seen, corrections: readonly Correction[]) {
    const { features, confidences } = seen;
    if (features.length !== confidences.length) {
      throw new ShapeError(
        `CorrectionHead: there are ${features.length} rows of features, but ${confidences.length} of confidences. Pass one of each per photograph.`,
      );
    }
    this.#classes = classes.length;
    const named = corrections.map(({ label }) => label);
    this.labels = [...new Set([...classes, ...named])];
    this.#mean = meanOf(features);
    const takenFor = corrections.map(({ photo }) => largest(confidences[photo]));
    this.#moving = [...new Set([...named.map((label) => this.labels.indexOf(label)), ...takenFor])];
    this.#weights = this.#learned(seen, corrections);
  }

  /** Confidences in `labels` of a photograph. */
  confidences(features: Float32Array, before: ArrayLike<number>): Float64Array {
    return softmax(this.#logits(this.#centered(features), before, this.#weights));
  }

  #learned({ features, confidences }: Seen, corrections: readonly Correction[]): Float64Array {
    const width = this.#mean.length;
    const row = width + 1;
    const size = this.#moving.length * row;
    if (size === 0) return new Float64Array(0);
    const corrected = new Set(corrections.map(({ photo }) => photo));
    const anchors = spread(
      [...features.keys()].filter((n) => !corrected.has(n)),
      ANCHORS,
    );
    const weights = new Float64Array(size);
    const samples = [
      ...corrections.map(({ photo, label }) => ({ photo, weight: 1, target: this.labels.indexOf(label) })),
      ...anchors.map((photo) => ({ photo, weight: ANCHOR_WEIGHT, target: -1 })),
    ].map((sample) => ({
      ...sample,
      x: this.#centered(features[sample.photo]),
      before: softmax(this.#logits(new Float64Array(width), confidences[sample.photo], weights)),
    }));
    minimize(
      (at, gradient) => {
        let loss = 0;
        for (let i = 0; i < size; i++) {
          loss += (RIDGE / 2) * at[i] * at[i];
          gradient[i] = RIDGE * at[i];
        }
        for (const { photo, weight, target, x, before } of samples) {
          const after = softmax(this.#logits(x, confidences[photo], at));
          for (const [k, p] of after.entries()) {
            const wanted = target >= 0 ? Number(k === target) : before[k];
            if (wanted > 0) loss -= weight * wanted * Math.log(Math.max(p, 1e-300));
          }
          for (const [m, k] of this.#moving.entries()) {
            const slope = weight * (after[k] - (target >= 0 ? Number(k === target) : before[k]));
            for (let j = 0; j < width; j++) gradient[m * row + j] += slope * x[j];
            gradient[m * row + width] += slope;
          }
        }
        return loss;
      },
      weights,
      { iterations: 60, tolerance: 1e-3 },
    );
    return weights;
  }

  #logits(x: Float64Array, before: ArrayLike<number>, weights: Float64Array): Float64Array {
    const logits = new Float64Array(this.labels.length);
    // A new label begins as unlikely as the least likely class.
    for (let k = 0; k < logits.length; k++)
      logits[k] = Math.log(Math.max(k < this.#classes ? before[k] : FLOOR, FLOOR));
    const width = x.length;
    for (const [m, k] of this.#moving.entries()) {
      let sum = weights[m * (width + 1) + width];
      for (let j = 0; j < width; j++) sum += weights[m * (width + 1) + j] * x[j];
      logits[k] += sum;
    }
    return logits;
  }

  #centered(features: Float32Array): Float64Array {
    const x = Float64Array.from(features, (value, j) => value - this.#mean[j]);
    const length = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)) || 1;
    return x.map((value) => (LENGTH * value) / length);
  }
}

/** Confidences below it count as so much: corrections have to be able to raise them. */
const FLOOR = 1e-4;

function meanOf(rows: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let j = 0; j < mean.length; j++) mean[j] += row[j] / rows.length;
  return mean;
}

function softmax(logits: Float64Array): Float64Array {
  const top = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const exps = logits.map((z) => Math.exp(z - top));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((value) => value / sum);
}

function largest(row: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < row.length; k++) if (row[k] > row[best]) best = k;
  return best;
}

/** At most `count` of a list, evenly from all of it. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
