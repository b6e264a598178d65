import type { MatmulGeometry } from '../kernels/contracts/matrix.js';
import { arithmeticKernels } from '../kernels/families/arithmetic.js';
import { matrixKernels } from '../kernels/families/matrix.js';
import { optimizerKernels } from '../kernels/families/optimizers.js';
import { workspace } from '../memory/memory.js';
import { withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';

/** Coefficients of a x + b x^3 + c x^5, with the largest slope at 0 that keeps singular values near 1. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const EPS = 1e-7;
const zero = Int32Array.of(0);

/**
 * Replaces a matrix G = U S V^T by approximately U V^T, in place: a few matrix products bring all singular values near 1 (0.7 to
 * 1.2).
 *
 * X = G / |G|, then `steps` times X = (a + b X X^T + c (X X^T)^2) X
 *
 * Shapes: x [rows, columns] in any shape of that size; the square matrices have the length of the shorter side.
 *
 * Source: Jordan 2024, "Muon: An optimizer for hidden layers in neural networks", Newton-Schulz with a tuned quintic.
 */
export function orthogonalize(x: Tensor, rows: number, columns: number, steps: number): void {
  withoutTape(() => {
    const n = Math.min(rows, columns);
    const wide = rows <= columns;
    const norm = Tensor.empty('orthogonalize', [1]);
    const squared = Tensor.empty('orthogonalize', [n, n]);
    const polynomial = Tensor.empty('orthogonalize', [n, n]);
    const next = Tensor.empty('orthogonalize', [rows, columns]);
    optimizerKernels.l2Norm(norm.data, x.data);
    arithmeticKernels.scale(x.data, x.data, 1 / (norm.data[0] + EPS));
    for (let step = 0; step < steps; step++) {
      // (1) X X^T, or X^T X for a tall X: the smaller of the two
      const k = wide ? columns : rows;
      product(squared, x, x, { m: n, n, k, transposeA: !wide, transposeB: wide });
      // (2) b X X^T + c (X X^T)^2
      product(polynomial, squared, squared, { m: n, n, k: n });
      optimizerKernels.blend(polynomial.data, squared.data, C, B);
      // (3) X = a X + that times X
      if (wide) product(next, polynomial, x, { m: rows, n: columns, k: n });
      else product(next, x, polynomial, { m: rows, n: columns, k: n });
      optimizerKernels.blend(x.data, next.data, A, 1);
    }
  });
}

function product(
  c: Tensor,
  a: Tensor,
  b: Tensor,
  sizes: Pick<MatmulGeometry, 'm' | 'n' | 'k'> & Partial<Pick<MatmulGeometry, 'transposeA' | 'transposeB'>>,
): void {
  const single = { batches: 1, offsetsA: zero, offsetsB: zero, offsetsC: zero, accumulate: false };
  const g = { ...single, transposeA: false, transposeB: false, ...sizes };
  const scratch = workspace(matrixKernels.matmulWorkspace(g), 'orthogonalize');
  matrixKernels.matmul(c.data, a.data, b.data, g, scratch);
}
