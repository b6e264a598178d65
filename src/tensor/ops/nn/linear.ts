import { ShapeError } from '../../../base/errors.js';
import { expectRank, formatShape, type Shape, sizeOf } from '../../../base/shape.js';
import type { LinearGeometry } from '../../../kernels/contracts/matrix.js';
import { matrixKernels } from '../../../kernels/families/matrix.js';
import { workspace } from '../../../memory/memory.js';
import { checkTensor, optionalTensor } from '../../checkTensor.js';
import { record } from '../../tape.js';
import { Tensor } from '../../tensor.js';
import { checkBias } from './conv2d.js';

/**
 * A fully connected layer: y = x w^T + b along the last axis.
 *
 * y[...,o] = b[o] + sum over i of x[...,i] * w[o,i]
 *
 * Shapes: x [..., I], w [O, I], b [O] or null -> y [..., O].
 *
 * Throws `ShapeError` when the last axis of x is not w's, or b has another length than w has rows.
 *
 * @example
 * linear(Tensor.zeros([8, 64]), Tensor.zeros([10, 64]), null).shape; // [8, 10]
 */
export function linear(x: Tensor, w: Tensor, b?: Tensor | null): Tensor {
  checkTensor('linear', 'x', x);
  checkTensor('linear', 'w', w);
  const bias = optionalTensor('linear', 'b', b);
  expectRank('linear', 'w', w.shape, '[O, I]');
  const g = linearGeometry(x.shape, w.shape);
  checkBias('linear', bias, g.outFeatures);

  const y = Tensor.empty('linear', [...x.shape.slice(0, -1), g.outFeatures]);
  const scratch = workspace(matrixKernels.linearWorkspace('forward', g), 'linear');
  matrixKernels.linear(y.floats, x.floats, w.floats, bias && bias.floats, g, scratch);

  record('linear', bias ? [x, w, bias] : [x, w], y, (dy, [dx, dw, db]) => {
    if (dx) {
      const scratch = workspace(matrixKernels.linearWorkspace('backwardInput', g), 'linear backward');
      matrixKernels.linearBackwardInput(dx.floats, dy.floats, w.floats, g, scratch);
    }
    if (dw) {
      const scratch = workspace(matrixKernels.linearWorkspace('backwardWeight', g), 'linear backward');
      matrixKernels.linearBackwardWeight(dw.floats, dy.floats, x.floats, g, scratch);
    }
    if (db) matrixKernels.linearBackwardBias(db.floats, dy.floats, g);
  });
  return y;
}

function linearGeometry(x: Shape, w: Shape): LinearGeometry {
  const [outFeatures, inFeatures] = w as [number, number];
  const last = x.at(-1);
  if (last === undefined) {
    throw new ShapeError(`linear: x is a scalar, but needs a last axis of ${inFeatures}, as w ${formatShape(w)} has.`);
  }
  if (last !== inFeatures) {
    throw new ShapeError(
      `linear: x ${formatShape(x)} ends in ${last} features, but w ${formatShape(w)} needs ${inFeatures}. Pass inFeatures=${last}, or flatten x.`,
    );
  }
  return Object.freeze({ batch: sizeOf(x.slice(0, -1)), inFeatures, outFeatures });
}
