import type { Floats } from '../../memory/memory.js';
import type { ElementLossGeometry } from '../contracts/losses.js';

/** loss = (1 - t) x + (1 + (p - 1) t) softplus(-x), softplus(-x) = max(-x, 0) + log(1 + exp(-|x|)), which cannot overflow. */
export function binaryCrossEntropyWithLogits(
  loss: Floats,
  x: Floats,
  target: Floats,
  positiveWeight: Floats | null,
  g: ElementLossGeometry,
): void {
  const { classes } = g;
  const n = loss.length;
  for (let i = 0; i < n; i++) {
    const p = positiveWeight === null ? 1 : positiveWeight[i % classes];
    const softplus = Math.max(-x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i])));
    loss[i] = (1 - target[i]) * x[i] + (1 + (p - 1) * target[i]) * softplus;
  }
}

/** dx += dLoss * ((1 - t) - (1 + (p - 1) t) sigmoid(-x)) */
export function binaryCrossEntropyWithLogitsBackward(
  dx: Floats,
  dLoss: Floats,
  x: Floats,
  target: Floats,
  positiveWeight: Floats | null,
  g: ElementLossGeometry,
): void {
  const { classes } = g;
  const n = dx.length;
  for (let i = 0; i < n; i++) {
    const p = positiveWeight === null ? 1 : positiveWeight[i % classes];
    const sigmoid = 1 / (1 + Math.exp(x[i]));
    dx[i] += dLoss[i] * (1 - target[i] - (1 + (p - 1) * target[i]) * sigmoid);
  }
}
