import type { Floats } from '../../memory/memory.js';
import type { HingeGeometry } from '../contracts/losses.js';

/** loss[n] = sum over k != label of max(0, margin - x[label] + x[k])^power / K */
export function multiclassHinge(loss: Floats, x: Floats, labels: Int32Array, g: HingeGeometry): void {
  const { rows, classes, margin, power } = g;
  for (let n = 0; n < rows; n++) {
    const first = n * classes;
    const label = first + labels[n];
    const rest = margin - x[label];
    let sum = 0;
    for (let k = first; k < first + classes; k++) {
      if (k === label) continue;
      const violation = Math.max(rest + x[k], 0);
      sum += power === 1 ? violation : violation * violation;
    }
    loss[n] = sum / classes;
  }
}

/** Every class that comes within the margin is pushed down, and the label up by the sum of it. */
export function multiclassHingeBackward(
  dx: Floats,
  dLoss: Floats,
  x: Floats,
  labels: Int32Array,
  g: HingeGeometry,
): void {
  const { rows, classes, margin, power } = g;
  for (let n = 0; n < rows; n++) {
    const first = n * classes;
    const label = first + labels[n];
    const rest = margin - x[label];
    const d = dLoss[n] / classes;
    let sum = 0;
    for (let k = first; k < first + classes; k++) {
      const violation = rest + x[k];
      if (k === label || !(violation > 0)) continue;
      const push = power === 1 ? d : 2 * d * violation;
      dx[k] += push;
      sum += push;
    }
    dx[label] -= sum;
  }
}
