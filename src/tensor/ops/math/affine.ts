import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, type Shape, sameShape } from '../../../base/shape.js';
import { checkNumber, checkOptionsObject } from '../../checkArguments.js';
import { optionalTensor } from '../../checkTensor.js';
import { currentTape } from '../../scope.js';
import { type RecordOptions, record } from '../../tape.js';
import type { Tensor } from '../../tensor.js';

/** What follows a normalization: a learned scale and shift. */
export interface AffineOptions {
  /** Multiplies the normalized values; left out or null it is 1. */
  weight?: Tensor | null | undefined;
  /** Is added to them; left out or null it is 0. */
  bias?: Tensor | null | undefined;
  /** Added to the variance under the root, so that constant inputs do not divide by 0. Default 1e-5. */
  eps?: number | undefined;
}

/** AffineOptions with their defaults. */
export interface Affine {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
  readonly eps: number;
}

/** Checks that weight and bias have the given shape; `each` says what they hold one value for. */
export function checkAffine(op: string, options: AffineOptions, shape: Shape, each: string): Affine {
  checkOptionsObject(op, options, '{ eps: 1e-5 }');
  const { eps = 1e-5 } = options;
  const weight = optionalTensor(op, 'weight', options.weight);
  const bias = optionalTensor(op, 'bias', options.bias);
  checkEach(op, 'weight', weight, shape, each);
  checkEach(op, 'bias', bias, shape, each);
  checkNumber(op, 'eps', eps);
  if (!(Number.isFinite(eps) && eps >= 0)) {
    throw new ArgumentError(`${op}: eps is ${eps}, but must be a number >= 0, usually 1e-5.`);
  }
  return { weight, bias, eps };
}

/** Throws `ShapeError` unless `t` is null or of that shape. */
export function checkEach(op: string, name: string, t: Tensor | null, shape: Shape, each: string): void {
  if (t !== null && !sameShape(t.shape, shape)) {
    throw new ShapeError(
      `${op}: ${name} has shape ${formatShape(t.shape)}, but needs ${formatShape(shape)}, one value for each ${each}.`,
    );
  }
}

/**
 * Records an operation on x, weight and bias, of which the last two may be missing. `saved` are statistics that only the backward
 * pass reads: they are released at once where nothing is recorded.
 */
export function recordAffine(
  op: string,
  x: Tensor,
  { weight, bias, eps }: Affine,
  y: Tensor,
  saved: readonly Tensor[],
  backward: (dy: Tensor, dx: Tensor | null, dWeight: Tensor | null, dBias: Tensor | null) => void,
  options: RecordOptions = {},
): void {
  if (currentTape() === null) {
    for (const statistics of saved) statistics.dispose();
    return;
  }
  const inputs = [x, weight, bias].filter((t) => t !== null);
  record(
    op,
    inputs,
    y,
    (dy, gradients) => {
      const dWeight = weight && gradients[1];
      const dBias = bias && gradients[inputs.length - 1];
      backward(dy, gradients[0], dWeight, dBias);
    },
    { ...options, attributes: { weight, bias, eps, ...options.attributes } },
  );
}
