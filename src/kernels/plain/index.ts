import type { Kernels } from '../kernels.js';
import * as batchNormUpdateRunning from '../reference/batchNormUpdateRunning.js';
import * as binaryCrossEntropy from '../reference/binaryCrossEntropy.js';
import * as clip from '../reference/clip.js';
import * as crossEntropy from '../reference/crossEntropy.js';
import * as dropout from '../reference/dropout.js';
import * as elementwise from '../reference/elementwise.js';
import * as elu from '../reference/elu.js';
import * as geluTanh from '../reference/geluTanh.js';
import * as huber from '../reference/huber.js';
import * as multiclassHinge from '../reference/multiclassHinge.js';
import * as optimizers from '../reference/optimizers.js';
import * as pad from '../reference/pad.js';
import * as sigmoid from '../reference/sigmoid.js';
import * as silu from '../reference/silu.js';
import * as softmax from '../reference/softmax.js';
import * as adaptiveAvgPool2d from './adaptiveAvgPool2d.js';
import * as adaptiveMaxPool2d from './adaptiveMaxPool2d.js';
import * as addRelu from './addRelu.js';
import * as avgPool2d from './avgPool2d.js';
import * as batchNorm from './batchNorm.js';
import * as batchNormEvalBackward from './batchNormEvalBackward.js';
import * as broadcast from './broadcast.js';
import * as conv2d from './conv2d.js';
import * as gelu from './gelu.js';
import * as groupNorm from './groupNorm.js';
import * as layerNorm from './layerNorm.js';
import * as linear from './linear.js';
import * as localResponseNorm from './localResponseNorm.js';
import * as matmul from './matmul.js';
import * as maxPool2d from './maxPool2d.js';
import * as reduce from './reduce.js';
import * as relu from './relu.js';
import * as strided from './strided.js';
import * as upsampleBilinear2d from './upsampleBilinear2d.js';
import * as upsampleNearest2d from './upsampleNearest2d.js';

/** Tight TypeScript loops tuned for V8. Where the textbook loop is as fast as TypeScript gets, it is the reference's own. */
export const plain: Kernels = {
  ...broadcast,
  ...elementwise,
  ...reduce,
  ...strided,
  ...pad,
  ...clip,
  ...optimizers,
  ...conv2d,
  ...matmul,
  ...linear,
  ...relu,
  ...addRelu,
  ...elu,
  ...sigmoid,
  ...silu,
  ...gelu,
  ...geluTanh,
  ...softmax,
  ...dropout,
  ...crossEntropy,
  ...binaryCrossEntropy,
  ...huber,
  ...multiclassHinge,
  ...maxPool2d,
  ...avgPool2d,
  ...adaptiveAvgPool2d,
  ...adaptiveMaxPool2d,
  ...upsampleNearest2d,
  ...upsampleBilinear2d,
  ...batchNorm,
  ...batchNormEvalBackward,
  ...batchNormUpdateRunning,
  ...groupNorm,
  ...layerNorm,
  ...localResponseNorm,
} as unknown as Kernels;
