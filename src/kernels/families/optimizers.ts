import { type OptimizerKernels, optimizerTraits } from '../contracts/optimizers.js';
import { kernelFamily, type Tables } from '../family.js';
import * as referenceClip from '../reference/clip.js';
import * as referenceOptimizers from '../reference/optimizers.js';
import * as simdClip from '../simd/elementwise/clip.js';
import * as simdOptimizers from '../simd/elementwise/optimizers.js';

/** Optimizer kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const optimizerTables: Tables<OptimizerKernels> = {
  reference: { ...referenceOptimizers, ...referenceClip },
  plain: { ...referenceOptimizers, ...referenceClip },
  simd: { ...simdOptimizers, ...simdClip },
};

/** The optimizer kernels in use: operations call them. */
export const optimizerKernels: OptimizerKernels = /* @__PURE__ */ kernelFamily(optimizerTables, optimizerTraits);
