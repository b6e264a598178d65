import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

export interface MatrixKernels {
  /**
   * For each of g.batches pairs of matrices: c = op(a) op(b), or c += where g.accumulate; op(a) is [M, K], op(b) is [K, N],
   * c is [M, N]; g.transposeA says that a is stored [K, M], g.transposeB that b is stored [N, K]. Matrix i of the batch
   * begins at g.offsetsA[i], g.offsetsB[i], g.offsetsC[i]; with accumulate, several may begin at one place in c.
   */
  matmul(c: Floats, a: Floats, b: Floats, g: MatmulGeometry, workspace: Floats): void;
  matmulWorkspace(g: MatmulGeometry): number;
  /** y[n,o] = b[o] + sum over i of x[n,i] * w[o,i]; x [N, I], w [O, I], b [O], y [N, O] */
  linear(y: Floats, x: Floats, w: Floats, b: Floats | null, g: LinearGeometry, workspace: Floats): void;
  /** dx[n,i] += sum over o of dy[n,o] * w[o,i] */
  linearBackwardInput(dx: Floats, dy: Floats, w: Floats, g: LinearGeometry, workspace: Floats): void;
  /** dw[o,i] += sum over n of dy[n,o] * x[n,i] */
  linearBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: LinearGeometry, workspace: Floats): void;
  /** db[o] += sum over n of dy[n,o] */
  linearBackwardBias(db: Floats, dy: Floats, g: LinearGeometry): void;
  linearWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: LinearGeometry): number;
}

/** What instruments know of these kernels. */
export const matrixTraits: KernelTraits<MatrixKernels> = {
  matmul: { flops: (_c, _a, _b, g) => 2 * g.batches * g.m * g.n * g.k },
  linear: { flops: (_y, _x, _w, _b, g) => linearFlops(g) },
  linearBackwardInput: { flops: (_dx, _dy, _w, g) => linearFlops(g) },
  linearBackwardWeight: { flops: (_dw, _dy, _x, g) => linearFlops(g) },
  matmulWorkspace: { query: true },
  linearWorkspace: { query: true },
};

export interface MatmulGeometry {
  readonly batches: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
  /** Where matrix i of the batch begins, in elements. */
  readonly offsetsA: Int32Array;
  readonly offsetsB: Int32Array;
  readonly offsetsC: Int32Array;
}

export interface LinearGeometry {
  readonly batch: number;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

function linearFlops(g: LinearGeometry): number {
  return 2 * g.batch * g.inFeatures * g.outFeatures;
}
