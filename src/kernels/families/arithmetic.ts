import { type ArithmeticKernels, arithmeticTraits } from '../contracts/arithmetic.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainBroadcast from '../plain/broadcast.js';
import * as plainReduce from '../plain/reduce.js';
import * as referenceBroadcast from '../reference/broadcast.js';
import * as referenceElementwise from '../reference/elementwise.js';
import * as referenceReduce from '../reference/reduce.js';
import * as simdBroadcast from '../simd/elementwise/broadcast.js';
import * as simdElementwise from '../simd/elementwise/elementwise.js';
import * as simdReduce from '../simd/reduce/reduce.js';

/** Arithmetic kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const arithmeticTables: Tables<ArithmeticKernels> = {
  reference: { ...referenceBroadcast, ...referenceElementwise, ...referenceReduce },
  plain: { ...plainBroadcast, ...referenceElementwise, ...plainReduce },
  simd: { ...simdBroadcast, ...simdElementwise, ...simdReduce },
};

/** The arithmetic kernels in use: operations call them. */
export const arithmeticKernels: ArithmeticKernels = /* @__PURE__ */ kernelFamily(arithmeticTables, arithmeticTraits);
