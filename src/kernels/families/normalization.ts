import { type NormalizationKernels, normalizationTraits } from '../contracts/normalization.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainBatchNorm from '../plain/batchNorm.js';
import * as plainBatchNormEvalBackward from '../plain/batchNormEvalBackward.js';
import * as plainGroupNorm from '../plain/groupNorm.js';
import * as plainLayerNorm from '../plain/layerNorm.js';
import * as plainLocalResponseNorm from '../plain/localResponseNorm.js';
import * as referenceBatchNorm from '../reference/batchNorm.js';
import * as referenceBatchNormEvalBackward from '../reference/batchNormEvalBackward.js';
import * as referenceBatchNormUpdateRunning from '../reference/batchNormUpdateRunning.js';
import * as referenceGroupNorm from '../reference/groupNorm.js';
import * as referenceLayerNorm from '../reference/layerNorm.js';
import * as referenceLocalResponseNorm from '../reference/localResponseNorm.js';
import * as simdBatchNorm from '../simd/norm/batchNorm.js';
import * as simdGroupNorm from '../simd/norm/groupNorm.js';
import * as simdLayerNorm from '../simd/norm/layerNorm.js';
import * as simdLocalResponseNorm from '../simd/norm/localResponseNorm.js';

/** Normalization kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const normalizationTables: Tables<NormalizationKernels> = {
  reference: {
    ...referenceBatchNorm,
    ...referenceBatchNormEvalBackward,
    ...referenceBatchNormUpdateRunning,
    ...referenceGroupNorm,
    ...referenceLayerNorm,
    ...referenceLocalResponseNorm,
  },
  plain: {
    ...plainBatchNorm,
    ...plainBatchNormEvalBackward,
    ...referenceBatchNormUpdateRunning,
    ...plainGroupNorm,
    ...plainLayerNorm,
    ...plainLocalResponseNorm,
  },
  simd: { ...simdBatchNorm, ...simdGroupNorm, ...simdLayerNorm, ...simdLocalResponseNorm },
};

/** The normalization kernels in use: operations call them. */
export const normalizationKernels: NormalizationKernels = /* @__PURE__ */ kernelFamily(
  normalizationTables,
  normalizationTraits,
);
