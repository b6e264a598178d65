import { type MatrixKernels, matrixTraits } from '../contracts/matrix.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainLinear from '../plain/linear.js';
import * as plainMatmul from '../plain/matmul.js';
import * as referenceLinear from '../reference/linear.js';
import * as referenceMatmul from '../reference/matmul.js';
import * as simdLinear from '../simd/gemm/linear.js';
import * as simdMatmul from '../simd/gemm/matmul.js';

/** Matrix kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const matrixTables: Tables<MatrixKernels> = {
  reference: { ...referenceMatmul, ...referenceLinear },
  plain: { ...plainMatmul, ...plainLinear },
  simd: { ...simdMatmul, ...simdLinear },
};

/** The matrix kernels in use: operations call them. */
export const matrixKernels: MatrixKernels = /* @__PURE__ */ kernelFamily(matrixTables, matrixTraits);
