import { type PoolingKernels, poolingTraits } from '../contracts/pooling.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainAdaptiveAvgPool2d from '../plain/adaptiveAvgPool2d.js';
import * as plainAdaptiveMaxPool2d from '../plain/adaptiveMaxPool2d.js';
import * as plainAvgPool2d from '../plain/avgPool2d.js';
import * as plainMaxPool2d from '../plain/maxPool2d.js';
import * as plainUpsampleBilinear2d from '../plain/upsampleBilinear2d.js';
import * as plainUpsampleNearest2d from '../plain/upsampleNearest2d.js';
import * as referenceAdaptiveAvgPool2d from '../reference/adaptiveAvgPool2d.js';
import * as referenceAdaptiveMaxPool2d from '../reference/adaptiveMaxPool2d.js';
import * as referenceAvgPool2d from '../reference/avgPool2d.js';
import * as referenceMaxPool2d from '../reference/maxPool2d.js';
import * as referenceUpsampleBilinear2d from '../reference/upsampleBilinear2d.js';
import * as referenceUpsampleNearest2d from '../reference/upsampleNearest2d.js';
import * as simdUpsampleBilinear2d from '../simd/move/upsampleBilinear2d.js';
import * as simdUpsampleNearest2d from '../simd/move/upsampleNearest2d.js';
import * as simdAdaptiveAvgPool2d from '../simd/pool/adaptiveAvgPool2d.js';
import * as simdAdaptiveMaxPool2d from '../simd/pool/adaptiveMaxPool2d.js';
import * as simdAvgPool2d from '../simd/pool/avgPool2d.js';
import * as simdMaxPool2d from '../simd/pool/maxPool2d.js';

/** Pooling kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const poolingTables: Tables<PoolingKernels> = {
  reference: {
    ...referenceMaxPool2d,
    ...referenceAvgPool2d,
    ...referenceAdaptiveAvgPool2d,
    ...referenceAdaptiveMaxPool2d,
    ...referenceUpsampleNearest2d,
    ...referenceUpsampleBilinear2d,
  },
  plain: {
    ...plainMaxPool2d,
    ...plainAvgPool2d,
    ...plainAdaptiveAvgPool2d,
    ...plainAdaptiveMaxPool2d,
    ...plainUpsampleNearest2d,
    ...plainUpsampleBilinear2d,
  },
  simd: {
    ...simdMaxPool2d,
    ...simdAvgPool2d,
    ...simdAdaptiveAvgPool2d,
    ...simdAdaptiveMaxPool2d,
    ...simdUpsampleNearest2d,
    ...simdUpsampleBilinear2d,
  },
};

/** The pooling kernels in use: operations call them. */
export const poolingKernels: PoolingKernels = /* @__PURE__ */ kernelFamily(poolingTables, poolingTraits);
