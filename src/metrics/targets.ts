import { expectOwn } from '../base/copies.js';
import { DataError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Tensor } from '../tensor/tensor.js';

/**
 * What is true of N images and K classes: N class indices (one class an image), or N * K multi-hot values, 0 or 1, image by image (any
 * number of classes per image). With one class, N values are multi-hot.
 */
export type Targets = ArrayLike<number> | Tensor;

/** The targets as multi-hot values, 0 or 1, row-major [N, K], for scores [N, K]. */
export function multiHotOf(who: string, scores: Tensor, targets: Targets): Uint8Array {
  expectOwn(who, targets);
  if (scores.shape.length !== 2) {
    throw new ShapeError(`${who}: the scores have shape ${formatShape(scores.shape)}, but need 2 axes, [N, K].`);
  }
  const [rows, classes] = scores.shape;
  const given = targets instanceof Tensor ? targets.data : targets;
  if (given.length === rows * classes) return checkedMultiHot(who, given);
  if (given.length === rows) return oneOfEach(who, given, classes);
  throw new ShapeError(
    `${who}: ${given.length} targets for scores ${formatShape(scores.shape)}; needs ${rows} class indices or ${rows * classes} multi-hot values.`,
  );
}

function checkedMultiHot(who: string, given: ArrayLike<number>): Uint8Array {
  const multiHot = Uint8Array.from(given);
  for (let i = 0; i < given.length; i++) {
    if (given[i] !== 0 && given[i] !== 1) {
      throw new DataError(`${who}: the multi-hot value at place ${i} is ${given[i]}, but must be 0 or 1.`);
    }
  }
  return multiHot;
}

function oneOfEach(who: string, labels: ArrayLike<number>, classes: number): Uint8Array {
  const multiHot = new Uint8Array(labels.length * classes);
  for (let n = 0; n < labels.length; n++) {
    const k = labels[n];
    if (!Number.isInteger(k) || k < 0 || k >= classes) {
      throw new DataError(`${who}: class ${k} at place ${n} is not in 0 to ${classes - 1}.`);
    }
    multiHot[n * classes + k] = 1;
  }
  return multiHot;
}

/** The values of class k in a row-major [N, K] array. */
export function columnOf(values: ArrayLike<number>, classes: number, k: number): Float64Array {
  const column = new Float64Array(values.length / classes);
  for (let n = 0; n < column.length; n++) column[n] = values[n * classes + k];
  return column;
}
