import { type LossKernels, lossTraits } from '../contracts/losses.js';
import { kernelFamily, type Tables } from '../family.js';
import * as referenceBinaryCrossEntropy from '../reference/binaryCrossEntropy.js';
import * as referenceCrossEntropy from '../reference/crossEntropy.js';
import * as referenceHuber from '../reference/huber.js';
import * as referenceMulticlassHinge from '../reference/multiclassHinge.js';
import * as simdBinaryCrossEntropy from '../simd/loss/binaryCrossEntropy.js';
import * as simdCrossEntropy from '../simd/loss/crossEntropy.js';
import * as simdHuber from '../simd/loss/huber.js';
import * as simdMulticlassHinge from '../simd/loss/multiclassHinge.js';

/** Loss kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const lossTables: Tables<LossKernels> = {
  reference: {
    ...referenceCrossEntropy,
    ...referenceBinaryCrossEntropy,
    ...referenceHuber,
    ...referenceMulticlassHinge,
  },
  plain: { ...referenceCrossEntropy, ...referenceBinaryCrossEntropy, ...referenceHuber, ...referenceMulticlassHinge },
  simd: { ...simdCrossEntropy, ...simdBinaryCrossEntropy, ...simdHuber, ...simdMulticlassHinge },
};

/** The loss kernels in use: operations call them. */
export const lossKernels: LossKernels = /* @__PURE__ */ kernelFamily(lossTables, lossTraits);
