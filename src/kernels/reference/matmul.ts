import type { Floats } from '../../memory/memory.js';
import type { MatmulGeometry } from '../contracts/matrix.js';

/**
 * The definition of a matrix product, for each pair of a batch: rows times columns.
 *
 * c[i,j] = sum over k of a[i,k] * b[k,j]; added to c where g.accumulate
 */
export function matmul(c: Floats, a: Floats, b: Floats, g: MatmulGeometry): void {
  for (let batch = 0; batch < g.batches; batch++) {
    const firstA = g.offsetsA[batch];
    const firstB = g.offsetsB[batch];
    const firstC = g.offsetsC[batch];
    for (let i = 0; i < g.m; i++) {
      for (let j = 0; j < g.n; j++) {
        // (1) one row of op(a) with one column of op(b)
        let sum = 0;
        for (let k = 0; k < g.k; k++) {
          const left = a[firstA + (g.transposeA ? k * g.m + i : i * g.k + k)];
          const right = b[firstB + (g.transposeB ? j * g.k + k : k * g.n + j)];
          sum += left * right;
        }
        // (2) overwrite or add
        const at = firstC + i * g.n + j;
        c[at] = g.accumulate ? c[at] + sum : sum;
      }
    }
  }
}

/** The textbook loops need no scratch space. */
export function matmulWorkspace(): number {
  return 0;
}
