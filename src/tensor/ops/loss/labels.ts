import { describeValue } from '../../../base/describeValue.js';
import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { expectRank, formatShape } from '../../../base/shape.js';
import { checkTensor } from '../../checkTensor.js';
import { Tensor } from '../../tensor.js';

/** Class indices, one a row: an Int32Array, a Uint8Array or plain numbers. */
export type Labels = ArrayLike<number>;

/** Throws unless the logits are [N, K] with something in them. */
export function checkLogits(op: string, logits: Tensor): void {
  checkTensor(op, 'logits', logits);
  expectRank(op, 'logits', logits.shape, '[N, K]');
  if (logits.size === 0) {
    throw new ShapeError(`${op}: the logits have shape ${formatShape(logits.shape)}: an empty batch has no loss.`);
  }
}

/** A copy of the labels, each checked to be one of the K classes of logits [N, K]. */
export function checkLabels(op: string, labels: Labels, logits: Tensor): Int32Array {
  if (typeof (labels as Labels | null | undefined)?.length !== 'number' || typeof labels === 'string') {
    throw new ArgumentError(
      `${op}: labels is ${describeValue(labels)}, but must be class indices: an Int32Array or an array of numbers.`,
    );
  }
  const [rows, classes] = logits.shape;
  if (labels.length !== rows) {
    throw new ShapeError(
      `${op}: ${labels.length} labels do not fit logits ${formatShape(logits.shape)}, which need ${rows}, one a row.`,
    );
  }
  for (let n = 0; n < rows; n++) {
    const label = labels[n];
    if (!Number.isInteger(label)) {
      throw new ArgumentError(`${op}: labels[${n}] is ${label}, but a label is a whole number, the index of a class.`);
    }
    if (label < 0 || label >= classes) {
      throw new ArgumentError(
        `${op}: labels[${n}] is ${label}, but the logits have ${classes} classes (0 to ${classes - 1}).`,
      );
    }
  }
  return Int32Array.from(labels);
}

/** [N, classes]: 1 at each label, 0 elsewhere. */
export function oneHot(labels: Labels, classes: number): Tensor {
  const values = new Float32Array(labels.length * classes);
  for (let n = 0; n < labels.length; n++) values[n * classes + labels[n]] = 1;
  return Tensor.from(values, [labels.length, classes]);
}
