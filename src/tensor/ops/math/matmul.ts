import { ShapeError } from '../../../base/errors.js';
import { broadcastShapes, formatShape, type Shape, sizeOf } from '../../../base/shape.js';
import type { MatmulGeometry } from '../../../kernels/contracts/matrix.js';
import { matrixKernels } from '../../../kernels/families/matrix.js';
import { workspace } from '../../../memory/memory.js';
import { checkTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';

/**
 * The product of two matrices, of two batches of matrices, or of matrices and vectors.
 *
 * y[...,i,j] = sum over k of a[...,i,k] * b[...,k,j]
 *
 * Axes before the last two are a batch and broadcast as in `add`. A vector on the left is a row, on the right a column, and its
 * axis of 1 is gone from the result.
 *
 * Shapes: a [..., M, K], b [..., K, N] -> y [..., M, N]; [K] x [..., K, N] -> [..., N]; [..., M, K] x [K] -> [..., M];
 * [K] x [K] -> [].
 *
 * Throws `ShapeError` for a scalar, for inner axes that differ, and for batch axes that do not broadcast.
 *
 * Source: NumPy's `matmul`, with the same rules.
 *
 * @example
 * matmul(Tensor.zeros([8, 1, 3, 4]), Tensor.zeros([5, 4, 2])).shape; // [8, 5, 3, 2]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkTensor('matmul', 'a', a);
  checkTensor('matmul', 'b', b);
  const product = describe(a.shape, b.shape);
  // The heap is asked first: nothing is built for a size that it refuses.
  const y = Tensor.empty('matmul', product.shape);
  const g = geometry(product);
  multiply(y, a, b, g, 'matmul');

  const { batches, m, n, k, offsetsA, offsetsB, offsetsC } = g;
  const added = { batches, accumulate: true };
  record('matmul', [a, b], y, (dy, [da, db]) => {
    // da [M, K] += dy [M, N] b^T; db [K, N] += a^T dy [M, N]. A matrix used several times gets several sums.
    if (da) {
      const ga = {
        m,
        n: k,
        k: n,
        transposeA: false,
        transposeB: true,
        offsetsA: offsetsC,
        offsetsB,
        offsetsC: offsetsA,
      };
      multiply(da, dy, b, { ...added, ...ga }, 'matmul backward');
    }
    if (db) {
      const gb = {
        m: k,
        n,
        k: m,
        transposeA: true,
        transposeB: false,
        offsetsA,
        offsetsB: offsetsC,
        offsetsC: offsetsB,
      };
      multiply(db, a, dy, { ...added, ...gb }, 'matmul backward');
    }
  });
  return y;
}

function multiply(c: Tensor, a: Tensor, b: Tensor, g: MatmulGeometry, who: string): void {
  const scratch = workspace(matrixKernels.matmulWorkspace(g), who);
  matrixKernels.matmul(c.floats, a.floats, b.floats, g, scratch);
}

interface Product {
  readonly shape: number[];
  readonly batchA: Shape;
  readonly batchB: Shape;
  readonly batch: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function describe(a: Shape, b: Shape): Product {
  if (a.length === 0 || b.length === 0) {
    throw new ShapeError(
      `matmul: shapes ${formatShape(a)} and ${formatShape(b)}: a scalar is no matrix. Use mul for a product with a number.`,
    );
  }
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const m = left[left.length - 2];
  const k = left[left.length - 1];
  const n = right[right.length - 1];
  if (right[right.length - 2] !== k) {
    throw new ShapeError(
      `matmul: a ${formatShape(a)} has ${k} columns, but b ${formatShape(b)} has ${right[right.length - 2]} rows. Transpose one of them, or use linear for x w^T.`,
    );
  }
  const batchA = left.slice(0, -2);
  const batchB = right.slice(0, -2);
  const batch = broadcastShapes('matmul', batchA, batchB);
  const rows = a.length === 1 ? [] : [m];
  const columns = b.length === 1 ? [] : [n];
  return { shape: [...batch, ...rows, ...columns], batchA, batchB, batch, m, n, k };
}

/** Where each matrix of the batch lies. */
function geometry({ batchA, batchB, batch, m, n, k }: Product): MatmulGeometry {
  const plain = { n, k, transposeA: false, transposeB: false, accumulate: false };
  const batches = sizeOf(batch);
  // One b for all of a is one tall product: its rows are packed once, not once for each matrix of the batch.
  if (sizeOf(batchB) === 1 && sizeOf(batchA) === batches) {
    const zero = Int32Array.of(0);
    return { ...plain, batches: 1, m: batches * m, offsetsA: zero, offsetsB: zero, offsetsC: zero };
  }
  const offsetsA = offsets(batchA, batch, m * k);
  const offsetsB = offsets(batchB, batch, k * n);
  return { ...plain, batches, m, offsetsA, offsetsB, offsetsC: offsets(batch, batch, m * n) };
}

/** Where each matrix of `size` numbers begins when the batch axes `own` stretch to `batch`. */
function offsets(own: Shape, batch: Shape, size: number): Int32Array {
  const result = new Int32Array(sizeOf(batch));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let step = size;
    let offset = 0;
    for (let axis = 1; axis <= batch.length; axis++) {
      const length = batch[batch.length - axis];
      const ownLength = own[own.length - axis] ?? 1;
      if (ownLength !== 1) offset += (rest % length) * step;
      step *= ownLength;
      rest = Math.floor(rest / length);
    }
    result[i] = offset;
  }
  return result;
}
