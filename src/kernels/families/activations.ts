import { type ActivationKernels, activationTraits } from '../contracts/activations.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainAddRelu from '../plain/addRelu.js';
import * as plainGelu from '../plain/gelu.js';
import * as plainRelu from '../plain/relu.js';
import * as referenceAddRelu from '../reference/addRelu.js';
import * as referenceDropout from '../reference/dropout.js';
import * as referenceElu from '../reference/elu.js';
import * as referenceGelu from '../reference/gelu.js';
import * as referenceGeluTanh from '../reference/geluTanh.js';
import * as referenceRelu from '../reference/relu.js';
import * as referenceSigmoid from '../reference/sigmoid.js';
import * as referenceSilu from '../reference/silu.js';
import * as referenceSoftmax from '../reference/softmax.js';
import * as simdAddRelu from '../simd/elementwise/addRelu.js';
import * as simdDropout from '../simd/elementwise/dropout.js';
import * as simdElu from '../simd/elementwise/elu.js';
import * as simdGelu from '../simd/elementwise/gelu.js';
import * as simdGeluTanh from '../simd/elementwise/geluTanh.js';
import * as simdRelu from '../simd/elementwise/relu.js';
import * as simdSigmoid from '../simd/elementwise/sigmoid.js';
import * as simdSilu from '../simd/elementwise/silu.js';
import * as simdSoftmax from '../simd/reduce/softmax.js';

/** Activation kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const activationTables: Tables<ActivationKernels> = {
  reference: {
    ...referenceRelu,
    ...referenceAddRelu,
    ...referenceElu,
    ...referenceGelu,
    ...referenceGeluTanh,
    ...referenceSilu,
    ...referenceSigmoid,
    ...referenceSoftmax,
    ...referenceDropout,
  },
  plain: {
    ...plainRelu,
    ...plainAddRelu,
    ...referenceElu,
    ...plainGelu,
    ...referenceGeluTanh,
    ...referenceSilu,
    ...referenceSigmoid,
    ...referenceSoftmax,
    ...referenceDropout,
  },
  simd: {
    ...simdRelu,
    ...simdAddRelu,
    ...simdElu,
    ...simdGelu,
    ...simdGeluTanh,
    ...simdSilu,
    ...simdSigmoid,
    ...simdSoftmax,
    ...simdDropout,
  },
};

/** The activation kernels in use: operations call them. */
export const activationKernels: ActivationKernels = /* @__PURE__ */ kernelFamily(activationTables, activationTraits);
