import { type ConvolutionKernels, convolutionTraits } from '../contracts/convolution.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainConv2d from '../plain/conv2d.js';
import * as referenceConv2d from '../reference/conv2d.js';
import * as simdConv2d from '../simd/conv/conv2d.js';

// Its list of algorithms is exported for tests and benchmarks; it isn't a kernel.
const { algorithm: _algorithm, ...simdKernels } = simdConv2d;

/** Convolution kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const convolutionTables: Tables<ConvolutionKernels> = {
  reference: { ...referenceConv2d },
  plain: { ...plainConv2d },
  simd: simdKernels,
};

/** The convolution kernels in use: operations call them. */
export const convolutionKernels: ConvolutionKernels = /* @__PURE__ */ kernelFamily(
  convolutionTables,
  convolutionTraits,
);
