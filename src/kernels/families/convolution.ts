import { type ConvolutionKernels, convolutionTraits } from '../contracts/convolution.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainConv2d from '../plain/conv2d.js';
import * as referenceConv2d from '../reference/conv2d.js';
import * as simdConv2d from '../simd/conv/conv2d.js';

/** Convolution kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const convolutionTables: Tables<ConvolutionKernels> = {
  reference: { ...referenceConv2d },
  plain: { ...plainConv2d },
  simd: { ...simdConv2d },
};

/** The convolution kernels in use: operations call them. */
export const convolutionKernels: ConvolutionKernels = /* @__PURE__ */ kernelFamily(
  convolutionTables,
  convolutionTraits,
);
