import type { Kernels } from '../kernels.js';
import * as binaryCrossEntropy from '../reference/binaryCrossEntropy.js';
import * as clip from '../reference/clip.js';
import * as crossEntropy from '../reference/crossEntropy.js';
import * as dropout from '../reference/dropout.js';
import * as elu from '../reference/elu.js';
import * as geluTanh from '../reference/geluTanh.js';
import * as huber from '../reference/huber.js';
import * as multiclassHinge from '../reference/multiclassHinge.js';
import * as optimizers from '../reference/optimizers.js';
import * as sigmoid from '../reference/sigmoid.js';
import * as silu from '../reference/silu.js';
import * as softmax from '../reference/softmax.js';
import * as gelu from './gelu.js';
import * as relu from './relu.js';

/** Tight TypeScript loops tuned for V8. Where the textbook loop is as fast as TypeScript gets, it is the reference's own. */
export const plain: Kernels = {
  ...clip,
  ...optimizers,
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
