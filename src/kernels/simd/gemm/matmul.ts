import type { Floats } from '../../../memory/memory.js';
import type { MatmulGeometry } from '../../contracts/matrix.js';
import { product, productWorkspace } from './product.js';

/** Packed panels and a register tile: see gemmProgram.ts. */
export function matmul(c: Floats, a: Floats, b: Floats, g: MatmulGeometry, workspace: Floats): void {
  const { m, n, k } = g;
  for (let i = 0; i < g.batches; i++) {
    if (k === 0 && !g.accumulate) {
      c.fill(0, g.offsetsC[i], g.offsetsC[i] + m * n);
      continue;
    }
    const matrixA = {
      pointer: a.byteOffset + 4 * g.offsetsA[i],
      rowStride: g.transposeA ? 4 : 4 * k,
      columnStride: g.transposeA ? 4 * m : 4,
    };
    const matrixB = {
      pointer: b.byteOffset + 4 * g.offsetsB[i],
      rowStride: g.transposeB ? 4 : 4 * n,
      columnStride: g.transposeB ? 4 * k : 4,
    };
    product(c.byteOffset + 4 * g.offsetsC[i], 4 * n, matrixA, matrixB, m, n, k, g.accumulate, workspace.byteOffset);
  }
}

export function matmulWorkspace(g: MatmulGeometry): number {
  return productWorkspace(g.m, g.n, g.k);
}
