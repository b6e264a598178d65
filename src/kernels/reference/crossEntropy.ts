import type { Floats } from '../../memory/memory.js';
import type { CrossEntropyGeometry } from '../contracts/losses.js';

/**
 * loss[n] = sum over k of t[k] * nll(k), with t[k] = W[k] ((1 - e) [k = label] + e / K) and nll(k) = log(sum of exp(x)) - x[k].
 * The largest logit is subtracted first, so that exp does not overflow.
 */
export function crossEntropy(
  loss: Floats,
  logits: Floats,
  labels: Int32Array,
  classWeight: Floats | null,
  g: CrossEntropyGeometry,
): void {
  const { rows, classes, labelSmoothing } = g;
  const share = labelSmoothing / classes;
  for (let n = 0; n < rows; n++) {
    const first = n * classes;
    const label = labels[n];
    // (1) the largest logit
    let max = -Infinity;
    for (let k = 0; k < classes; k++) if (logits[first + k] > max) max = logits[first + k];
    // (2) the sum of the exponentials
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[first + k] - max);
    const logSum = Math.log(sum);
    // (3) the label's share
    const weight = classWeight === null ? 1 : classWeight[label];
    let total = (1 - labelSmoothing) * weight * (logSum - (logits[first + label] - max));
    // (4) everybody's share
    if (share > 0) {
      let smooth = 0;
      for (let k = 0; k < classes; k++) {
        smooth += (classWeight === null ? 1 : classWeight[k]) * (logSum - (logits[first + k] - max));
      }
      total += share * smooth;
    }
    loss[n] = total;
  }
}

/** dLogits[n, k] += dLoss[n] * (softmax(logits[n])[k] * sum of t - t[k]) */
export function crossEntropyBackward(
  dLogits: Floats,
  dLoss: Floats,
  logits: Floats,
  labels: Int32Array,
  classWeight: Floats | null,
  g: CrossEntropyGeometry,
): void {
  const { rows, classes, labelSmoothing } = g;
  const share = labelSmoothing / classes;
  let weights = classes;
  if (classWeight !== null) {
    weights = 0;
    for (let k = 0; k < classes; k++) weights += classWeight[k];
  }
  for (let n = 0; n < rows; n++) {
    const first = n * classes;
    const label = labels[n];
    const d = dLoss[n];
    // (1) the largest logit
    let max = -Infinity;
    for (let k = 0; k < classes; k++) if (logits[first + k] > max) max = logits[first + k];
    // (2) the sum of the exponentials
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(logits[first + k] - max);
    // (3) the softmax times the sum of all shares, minus each class's own share
    const labelShare = (1 - labelSmoothing) * (classWeight === null ? 1 : classWeight[label]);
    const total = (labelShare + share * weights) / sum;
    for (let k = 0; k < classes; k++) {
      let own = share * (classWeight === null ? 1 : classWeight[k]);
      if (k === label) own += labelShare;
      dLogits[first + k] += d * (total * Math.exp(logits[first + k] - max) - own);
    }
  }
}
