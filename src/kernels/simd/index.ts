import type { Kernels } from '../kernels.js';
import { plain } from '../plain/index.js';
import * as conv2d from './conv/conv2d.js';
import * as addRelu from './elementwise/addRelu.js';
import * as broadcast from './elementwise/broadcast.js';
import * as clip from './elementwise/clip.js';
import * as dropout from './elementwise/dropout.js';
import * as elementwise from './elementwise/elementwise.js';
import * as elu from './elementwise/elu.js';
import * as gelu from './elementwise/gelu.js';
import * as geluTanh from './elementwise/geluTanh.js';
import * as optimizers from './elementwise/optimizers.js';
import * as relu from './elementwise/relu.js';
import * as sigmoid from './elementwise/sigmoid.js';
import * as silu from './elementwise/silu.js';
import * as linear from './gemm/linear.js';
import * as matmul from './gemm/matmul.js';
import * as binaryCrossEntropy from './loss/binaryCrossEntropy.js';
import * as crossEntropy from './loss/crossEntropy.js';
import * as huber from './loss/huber.js';
import * as multiclassHinge from './loss/multiclassHinge.js';
import * as pad from './move/pad.js';
import * as strided from './move/strided.js';
import * as upsampleBilinear2d from './move/upsampleBilinear2d.js';
import * as upsampleNearest2d from './move/upsampleNearest2d.js';
import * as batchNorm from './norm/batchNorm.js';
import * as groupNorm from './norm/groupNorm.js';
import * as layerNorm from './norm/layerNorm.js';
import * as localResponseNorm from './norm/localResponseNorm.js';
import * as adaptiveAvgPool2d from './pool/adaptiveAvgPool2d.js';
import * as adaptiveMaxPool2d from './pool/adaptiveMaxPool2d.js';
import * as avgPool2d from './pool/avgPool2d.js';
import * as maxPool2d from './pool/maxPool2d.js';
import * as reduce from './reduce/reduce.js';
import * as softmax from './reduce/softmax.js';

/**
 * WebAssembly SIMD, emitted by TypeScript at run time and split over all threads. What has no SIMD version yet runs on
 * the plain kernels.
 */
export const simd: Kernels = {
  ...plain,
  ...conv2d,
  ...matmul,
  ...linear,
  ...elementwise,
  ...relu,
  ...elu,
  ...sigmoid,
  ...silu,
  ...gelu,
  ...geluTanh,
  ...addRelu,
  ...batchNorm,
  ...binaryCrossEntropy,
  ...crossEntropy,
  ...huber,
  ...multiclassHinge,
  ...pad,
  ...reduce,
  ...softmax,
  ...strided,
  ...dropout,
  ...optimizers,
  ...clip,
  ...maxPool2d,
  ...avgPool2d,
  ...broadcast,
  ...adaptiveAvgPool2d,
  ...adaptiveMaxPool2d,
  ...upsampleNearest2d,
  ...upsampleBilinear2d,
  ...groupNorm,
  ...layerNorm,
  ...localResponseNorm,
};
