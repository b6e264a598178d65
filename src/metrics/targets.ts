import { expectOwn } from '../base/copies.js';
import { DataError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Targets } from '../base/targets.js';
import { Tensor } from '../tensor/tensor.js';

/**
 * What is true of N images and K classes: `Targets` as a loader makes them, or their bare values. N bare values are class indices, N * K are
 * multi-hot. With one class, N values are its answers, 0 or 1.
 */
export type TargetValues = Targets | ArrayLike<number> | Tensor;

/** The values as targets of logits or scores [N, K]. Throws `ShapeError` when there are too few or too many. */
export function targetsFor(who: string, scores: Tensor, targets: TargetValues): Targets {
  expectOwn(who, targets);
  if (scores.shape.length !== 2) {
    throw new ShapeError(`${who}: the scores have shape ${formatShape(scores.shape)}, but need 2 axes, [N, K].`);
  }
  const [rows, classes] = scores.shape;
  const values = valuesOf(targets);
  const kind = targets instanceof Targets ? targets.kind : undefined;
  if (values.length === rows * classes && (kind !== 'classIndices' || classes === 1)) {
    return Targets.multiHot(values, classes);
  }
  if (values.length === rows && kind !== 'multiHot') return Targets.classIndices(values);
  throw new ShapeError(
    `${who}: ${values.length} targets for scores ${formatShape(scores.shape)}; needs ${rows} class indices or ${rows * classes} multi-hot values.`,
  );
}

/** The targets as multi-hot values, 0 or 1, row-major [N, K], for scores [N, K]. */
export function multiHotOf(who: string, scores: Tensor, targets: TargetValues): Uint8Array {
  const { kind } = targetsFor(who, scores, targets);
  // As they were given: 0.5 is an error, not a 0.
  const given = valuesOf(targets);
  return kind === 'multiHot' ? checkedMultiHot(who, given) : oneOfEach(who, given, scores.shape[1]);
}

function valuesOf(targets: TargetValues): ArrayLike<number> {
  return targets instanceof Targets ? targets.values : targets instanceof Tensor ? targets.data : targets;
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
