/** The most sweeps of Jacobi's method; ten are enough for matrices with a few hundred rows. */
const MAX_SWEEPS = 60;

/** Eigenvalues, largest first, and their orthonormal eigenvectors: vector k is row k of `vectors` [n, n]. */
export interface SymmetricEigen {
  /** The eigenvalues. */
  readonly values: Float64Array;
  /** The eigenvectors, in the order of `values`. */
  readonly vectors: Float64Array;
}

/**
 * Computes the eigenvalues and eigenvectors of a symmetric matrix [n, n] in row-major order: matrix * vector = value * vector.
 *
 * Numerics: Jacobi's method in doubles. Each rotation sets one off-diagonal element to zero. Sweeps over all of them continue until
 * their squares are negligible next to those of the diagonal. Meant for small matrices: a sweep takes 4 n^3 multiplications.
 *
 * Source: Golub and Van Loan, "Matrix Computations", 4th edition, section 8.5 (cyclic by row).
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): SymmetricEigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const total = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, n) > total * 1e-32; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const values = Float64Array.from(order, (i) => a[i * n + i]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * n, (from + 1) * n), to * n);
  });
  return { values, vectors };
}

/** The sum of squares above the diagonal. */
function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) sum += a[p * n + q] * a[p * n + q];
  return sum;
}

/** Rotates axes p and q so that a[p, q] becomes 0: a = J^T a J, and the rows of v with it. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  if (apq === 0) return;
  // The smaller of the two possible angles; t is its tangent.
  const tau = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const x = a[k * n + p];
    const y = a[k * n + q];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const x = a[p * n + k];
    const y = a[q * n + k];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    const vx = v[p * n + k];
    const vy = v[q * n + k];
    v[p * n + k] = c * vx - s * vy;
    v[q * n + k] = s * vx + c * vy;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}
