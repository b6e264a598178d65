import type { Kernels } from '../kernels.js';
import * as binaryCrossEntropy from './binaryCrossEntropy.js';
import * as clip from './clip.js';
import * as conv2d from './conv2d.js';
import * as crossEntropy from './crossEntropy.js';
import * as dropout from './dropout.js';
import * as elu from './elu.js';
import * as gelu from './gelu.js';
import * as geluTanh from './geluTanh.js';
import * as huber from './huber.js';
import * as multiclassHinge from './multiclassHinge.js';
import * as optimizers from './optimizers.js';
import * as relu from './relu.js';
import * as sigmoid from './sigmoid.js';
import * as silu from './silu.js';
import * as softmax from './softmax.js';

/** The textbook loops: the definition of every kernel, slow on purpose, what all other tables are tested against. */
export const reference: Kernels = {
  ...clip,
  ...optimizers,
  ...conv2d,
  ...relu,
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
} as unknown as Kernels;
