import { type QuantizedKernels, quantizedTraits } from '../contracts/quantized.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainConv2d from '../plain/int8/conv2d.js';
import * as referenceConv2d from '../reference/int8/conv2d.js';
import * as referenceElementwise from '../reference/int8/elementwise.js';
import * as referencePool from '../reference/int8/pool.js';
import * as simdConv2d from '../simd/int8/conv2d.js';
import * as simdElementwise from '../simd/int8/elementwise.js';
import * as simdPool from '../simd/int8/pool.js';

/** Kernels on 8-bit integers of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const quantizedTables: Tables<QuantizedKernels> = {
  reference: { ...referenceConv2d, ...referenceElementwise, ...referencePool },
  plain: { ...plainConv2d, ...referenceElementwise, ...referencePool },
  simd: { ...simdConv2d, ...simdElementwise, ...simdPool },
};

/** The kernels on 8-bit integers in use: plans of quantized models call them. */
export const quantizedKernels: QuantizedKernels = /* @__PURE__ */ kernelFamily(quantizedTables, quantizedTraits);
