import type { Floats } from '../../memory/memory.js';
import type { ElementLossGeometry } from '../contracts/losses.js';

/** With d = x - target: d^2 / 2 up to delta, and from there on the tangent, delta (|d| - delta / 2). */
export function huber(loss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  const { delta } = g;
  const n = loss.length;
  for (let i = 0; i < n; i++) {
    const d = Math.abs(x[i] - target[i]);
    loss[i] = d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta);
  }
}

/** dx += dLoss * d, d limited to [-delta, delta] */
export function huberBackward(dx: Floats, dLoss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void {
  const { delta } = g;
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += dLoss[i] * Math.min(Math.max(x[i] - target[i], -delta), delta);
}
