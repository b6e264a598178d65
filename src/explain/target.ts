import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { mul } from '../tensor/ops/math/mul.js';
import { sum } from '../tensor/ops/math/sum.js';
import { Tensor } from '../tensor/tensor.js';

/** Which class is explained: one number for all pictures, or one for each. */
export interface TargetOptions {
  /**
   * The number of a class, or of one class per picture. Default: the class that the model thinks likeliest. A model with one logit has the classes 0 (no) and
   * 1 (yes), and what speaks for 0 is what speaks against 1.
   */
  target?: number | readonly number[] | undefined;
}

/**
 * The class of each picture. Throws `ArgumentError` for a class that the model doesn't have or another number of classes than of pictures, `ShapeError` for
 * logits of another shape than [N, K].
 */
export function targetsOf(who: string, logits: Tensor, target: TargetOptions['target']): number[] {
  if (logits.shape.length !== 2) {
    throw new ShapeError(`${who}: the model gives ${formatShape(logits.shape)}, but must give logits [N, K].`);
  }
  const [count, outputs] = logits.shape;
  if (target === undefined)
    return Array.from({ length: count }, (_, i) => likeliest(logits.data.subarray(i * outputs, (i + 1) * outputs)));
  const targets = typeof target === 'number' ? new Array<number>(count).fill(target) : [...target];
  if (targets.length !== count) {
    throw new ArgumentError(
      `${who}: target has ${targets.length} classes, but there are ${count} pictures. Pass one class per picture.`,
    );
  }
  const classes = outputs === 1 ? 2 : outputs;
  const wrong = targets.find((k) => !Number.isInteger(k) || k < 0 || k >= classes);
  if (wrong === undefined) return targets;
  throw new ArgumentError(`${who}: target is ${wrong}, but the model has the classes 0 to ${classes - 1}.`);
}

function likeliest(row: ArrayLike<number>): number {
  if (row.length === 1) return row[0] > 0 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < row.length; k++) if (row[k] > row[best]) best = k;
  return best;
}

/** The logit of each picture's class. Shapes: logits [N, K] -> [N] numbers. */
export function targetScores(logits: Tensor, targets: readonly number[]): number[] {
  const outputs = logits.shape[1];
  const { data } = logits;
  return targets.map((k, i) => (outputs === 1 ? (k === 1 ? 1 : -1) * data[i] : data[i * outputs + k]));
}

/** The sum of the logits of all pictures' classes, on the tape: its gradient by one picture is that of this picture's class. */
export function summedScore(logits: Tensor, targets: readonly number[]): Tensor {
  const [count, outputs] = logits.shape;
  const mask = new Float32Array(count * outputs);
  for (const [i, k] of targets.entries()) mask[outputs === 1 ? i : i * outputs + k] = outputs === 1 && k === 0 ? -1 : 1;
  return sum(mul(logits, Tensor.from(mask, [count, outputs])));
}
