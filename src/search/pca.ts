import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';

/** How `fitProjection` works. */
export interface FitProjectionOptions {
  /** Numbers of a projected vector. */
  components: number;
}

/** Turns long vectors into short ones that keep most of their differences. */
export interface Projection {
  /** [D]: what is subtracted first. */
  readonly mean: Float32Array;
  /** [components, D]: orthonormal rows. */
  readonly basis: Float32Array;
}

/** Turns of the iteration: the error of the subspace falls by the ratio of neighboring eigenvalues in each. */
const TURNS = 12;

/**
 * The principal components of vectors (PCA): of all projections to so many numbers, the one that keeps most of the variance.
 *
 * Shapes: N vectors [D] -> mean [D], basis [components, D].
 *
 * Throws `ArgumentError` for fewer vectors than components, and for more components than numbers in a vector.
 *
 * Source: Halko, Martinsson and Tropp 2011, "Finding Structure with Randomness", algorithm 4.4 (subspace iteration).
 */
export function fitProjection(vectors: readonly ArrayLike<number>[], options: FitProjectionOptions): Projection {
  checkOptions('fitProjection', options, ['components']);
  const k = checkWhole('fitProjection', 'components', options.components, 1);
  const size = vectors[0]?.length ?? 0;
  if (k > size || k >= vectors.length) {
    throw new ArgumentError(
      `fitProjection: ${vectors.length} vectors of ${size} numbers have fewer than ${k} components. Pass more vectors, or ask for at most ${Math.max(1, Math.min(size, vectors.length - 1))}.`,
    );
  }
  const mean = new Float64Array(size);
  for (const vector of vectors) for (let i = 0; i < size; i++) mean[i] += vector[i] / vectors.length;
  const covariance = covarianceOf(vectors, mean);
  const random = new RandomStream('projection');
  let basis = Array.from({ length: k }, () => Float64Array.from({ length: size }, () => random.normal()));
  for (let turn = 0; turn < TURNS; turn++) {
    orthonormalize(basis);
    basis = basis.map((row) => times(covariance, row));
  }
  orthonormalize(basis);
  const flat = new Float32Array(k * size);
  for (const [i, row] of basis.entries()) flat.set(row, i * size);
  return { mean: Float32Array.from(mean), basis: flat };
}

/** A vector in fewer numbers. Shapes: x [D] -> [components]. */
export function project({ mean, basis }: Projection, x: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const size = mean.length;
  const y = new Float32Array(basis.length / size);
  for (let c = 0; c < y.length; c++) {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += basis[c * size + i] * (x[i] - mean[i]);
    y[c] = sum;
  }
  return y;
}

/** Rows of the covariance of the vectors. */
function covarianceOf(vectors: readonly ArrayLike<number>[], mean: Float64Array): Float64Array[] {
  const size = mean.length;
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  const centered = new Float64Array(size);
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) centered[i] = vector[i] - mean[i];
    for (let i = 0; i < size; i++) {
      const [row, factor] = [rows[i], centered[i] / vectors.length];
      if (factor === 0) continue;
      for (let j = 0; j <= i; j++) row[j] += factor * centered[j];
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) rows[j][i] = rows[i][j];
  return rows;
}

function times(matrix: readonly Float64Array[], x: Float64Array): Float64Array<ArrayBuffer> {
  const y = new Float64Array(x.length);
  for (let i = 0; i < y.length; i++) {
    const row = matrix[i];
    let sum = 0;
    for (let j = 0; j < x.length; j++) sum += row[j] * x[j];
    y[i] = sum;
  }
  return y;
}

/** Modified Gram and Schmidt. The order stays, so that the first row turns to the direction of most variance first. */
function orthonormalize(rows: readonly Float64Array[]): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    for (let j = 0; j < i; j++) {
      const other = rows[j];
      let dot = 0;
      for (let k = 0; k < row.length; k++) dot += row[k] * other[k];
      for (let k = 0; k < row.length; k++) row[k] -= dot * other[k];
    }
    let length = 0;
    for (let k = 0; k < row.length; k++) length += row[k] * row[k];
    const scale = length > 0 ? 1 / Math.sqrt(length) : 0;
    for (let k = 0; k < row.length; k++) row[k] *= scale;
  }
}
