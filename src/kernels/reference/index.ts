import type { Kernels } from '../kernels.js';
import * as adaptiveAvgPool2d from './adaptiveAvgPool2d.js';
import * as adaptiveMaxPool2d from './adaptiveMaxPool2d.js';
import * as addRelu from './addRelu.js';
import * as avgPool2d from './avgPool2d.js';
import * as batchNorm from './batchNorm.js';
import * as batchNormEvalBackward from './batchNormEvalBackward.js';
import * as batchNormUpdateRunning from './batchNormUpdateRunning.js';
import * as binaryCrossEntropy from './binaryCrossEntropy.js';
import * as broadcast from './broadcast.js';
import * as clip from './clip.js';
import * as conv2d from './conv2d.js';
import * as crossEntropy from './crossEntropy.js';
import * as dropout from './dropout.js';
import * as elementwise from './elementwise.js';
import * as elu from './elu.js';
import * as gelu from './gelu.js';
import * as geluTanh from './geluTanh.js';
import * as groupNorm from './groupNorm.js';
import * as huber from './huber.js';
import * as layerNorm from './layerNorm.js';
import * as linear from './linear.js';
import * as localResponseNorm from './localResponseNorm.js';
import * as matmul from './matmul.js';
import * as maxPool2d from './maxPool2d.js';
import * as multiclassHinge from './multiclassHinge.js';
import * as optimizers from './optimizers.js';
import * as pad from './pad.js';
import * as reduce from './reduce.js';
import * as relu from './relu.js';
import * as sigmoid from './sigmoid.js';
import * as silu from './silu.js';
import * as softmax from './softmax.js';
import * as strided from './strided.js';
import * as upsampleBilinear2d from './upsampleBilinear2d.js';
import * as upsampleNearest2d from './upsampleNearest2d.js';

/** The textbook loops: the definition of every kernel, slow on purpose, what all other tables are tested against. */
export const reference: Kernels = {
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
