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
const ANCHORS = 100;
/** What a photograph that nobody has corrected weighs against a corrected one. */
const ANCHOR_WEIGHT = 0.02;
/** The pull towards the head as it was. */
const RIDGE = 1;
/** Centered features get this length: logits move by about as much for a weight of 1. */
const LENGTH = 4;

/**
 * What corrections add to the logits of a classifier: a linear head on top of features that stay as they are, for the labels that corrections
 * name. Where there are no corrections, it changes nothing.
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
    this.#moving = [...new Set(named.map((label) => this.labels.indexOf(label)))];
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
    ].map(({ photo, weight, target }) => this.#sample(features[photo], confidences[photo], weight, target));
    const after = new Float64Array(this.#moving.length);
    minimize(
      (at, gradient) => {
        let loss = 0;
        for (let i = 0; i < size; i++) {
          loss += (RIDGE / 2) * at[i] * at[i];
          gradient[i] = RIDGE * at[i];
        }
        for (const { x, before, wanted, still, weight } of samples) {
          let sum = still;
          for (let m = 0; m < after.length; m++) {
            let z = before[m] + at[m * row + width];
            for (let j = 0; j < width; j++) z += at[m * row + j] * x[j];
            after[m] = Math.exp(z);
            sum += after[m];
          }
          // What all labels that don't move have together counts as one label.
          let rest = 1;
          for (let m = 0; m < after.length; m++) {
            const p = after[m] / sum;
            rest -= wanted[m];
            if (wanted[m] > 0) loss -= weight * wanted[m] * Math.log(p);
            const slope = weight * (p - wanted[m]);
            for (let j = 0; j < width; j++) gradient[m * row + j] += slope * x[j];
            gradient[m * row + width] += slope;
          }
          if (rest > 1e-12) loss -= weight * rest * Math.log(still / sum);
        }
        return loss;
      },
      weights,
      { iterations: 50, tolerance: 1e-3 },
    );
    return weights;
  }

  /** A photograph as it goes into the loss: logits of the labels that move, and what the others sum up to. */
  #sample(features: Float32Array, confidences: ArrayLike<number>, weight: number, target: number) {
    const logits = this.#logits(new Float64Array(features.length), confidences, null);
    const exps = logits.map(Math.exp);
    const all = exps.reduce((a, b) => a + b, 0);
    const moving = this.#moving.reduce((sum, k) => sum + exps[k], 0);
    return {
      x: this.#centered(features),
      before: this.#moving.map((k) => logits[k]),
      wanted: this.#moving.map((k) => (target >= 0 ? Number(k === target) : exps[k] / all)),
      still: Math.max(0, all - moving),
      weight,
    };
  }

  #logits(x: Float64Array, before: ArrayLike<number>, weights: Float64Array | null): Float64Array {
    const logits = new Float64Array(this.labels.length);
    for (let k = 0; k < logits.length; k++) logits[k] = Math.log(k < this.#classes ? Math.max(before[k], LEAST) : NEW);
    for (const k of this.#moving) if (k < this.#classes) logits[k] = Math.max(logits[k], Math.log(FLOOR));
    if (weights === null) return logits;
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

/** Confidences of 0 have no logarithm. */
const LEAST = 1e-30;
/** What corrections can raise begins at this confidence at least. */
const FLOOR = 1e-4;
/** The confidence in a new label before anything is learned of it. */
const NEW = 0.003;

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

/** At most `count` of a list, evenly from all of it. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}
