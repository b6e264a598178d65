import type { Floats } from '../../memory/memory.js';
import type { MatmulGeometry } from '../contracts/matrix.js';
import { addProduct, productWorkspace } from './product.js';

/** c[i,j] = sum over k of a[i,k] * b[k,j] for each pair of a batch, as in reference/matmul.ts. */
export function matmul(c: Floats, a: Floats, b: Floats, g: MatmulGeometry, workspace: Floats): void {
  const { batches, m, n, k, transposeA, transposeB, accumulate, offsetsA, offsetsB, offsetsC } = g;
  // A transposed matrix is the same numbers with the two steps exchanged.
  const aRow = transposeA ? 1 : k;
  const aColumn = transposeA ? m : 1;
  const bRow = transposeB ? 1 : n;
  const bColumn = transposeB ? k : 1;
  for (let i = 0; i < batches; i++) {
    const at = offsetsC[i];
    // (2) overwrite or add: (1) always adds
    if (!accumulate) c.fill(0, at, at + m * n);
    // (1) rows of op(a) with columns of op(b)
    addProduct(c, at, a, offsetsA[i], aRow, aColumn, b, offsetsB[i], bRow, bColumn, m, n, k, workspace);
  }
}

export function matmulWorkspace(g: MatmulGeometry): number {
  return productWorkspace(g.m, g.n, g.k);
}
