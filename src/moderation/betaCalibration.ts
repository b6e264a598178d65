import type { ScoredItem } from './thresholds.js';

/** Scores nearer to 0 and 1 count as so near. */
const EDGE = 1e-7;
/** A pull towards the scores as they are, for labels that a few photographs tell apart fully. */
const RIDGE = 1e-3;

/**
 * Learns how likely a photograph is bad by its score: sigmoid(a ln s - b ln(1 - s) + c), by Newton's method.
 *
 * Source: Kull, Silva Filho and Flach 2017, "Beta calibration: a well-founded and easily implemented improvement on logistic calibration".
 */
export function betaCalibration(items: readonly ScoredItem[]): (score: number) => number {
  const w = [1, 1, 0];
  for (let step = 0; step < 50; step++) {
    const gradient = [RIDGE * (w[0] - 1), RIDGE * (w[1] - 1), RIDGE * w[2]];
    const curvature = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? RIDGE : 0)));
    for (const { score, bad, weight } of items) {
      const x = featuresOf(score);
      const p = sigmoid(dot(w, x));
      for (let i = 0; i < 3; i++) {
        gradient[i] += weight * (p - bad) * x[i];
        for (let j = 0; j < 3; j++) curvature[i][j] += weight * p * (1 - p) * x[i] * x[j];
      }
    }
    const change = solved(curvature, gradient);
    for (let i = 0; i < 3; i++) w[i] -= change[i];
    if (change.every((each) => Math.abs(each) < 1e-9)) break;
  }
  return (score) => sigmoid(dot(w, featuresOf(score)));
}

function featuresOf(score: number): number[] {
  const s = Math.min(1 - EDGE, Math.max(EDGE, score));
  return [Math.log(s), -Math.log1p(-s), 1];
}

/** The solution of three equations, by Gaussian elimination; the matrix is positive definite. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let i = 0; i < 3; i++) {
    for (let k = i + 1; k < 3; k++) {
      const factor = rows[k][i] / rows[i][i];
      for (let j = i; j < 4; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  const x = [0, 0, 0];
  for (let i = 2; i >= 0; i--) {
    const known = x.slice(i + 1).reduce((sum, value, j) => sum + rows[i][i + 1 + j] * value, 0);
    x[i] = (rows[i][3] - known) / rows[i][i];
  }
  return x;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
