import type { Floats } from '../../memory/memory.js';

/** y = 1 / (1 + exp(-x)). Where exp overflows to infinity the quotient is 0, which is right. */
export function sigmoid(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
}

/** dx += dy * y (1 - y) */
export function sigmoidBackward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += dy[i] * y[i] * (1 - y[i]);
}

export function tanh(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = Math.tanh(x[i]);
}

/** dx += dy * (1 - y^2) */
export function tanhBackward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += dy[i] * (1 - y[i] * y[i]);
}

/** y = relu6(x + 3) / 6 */
export function hardSigmoid(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i] + 3, 0), 6) / 6;
}

export function hardSigmoidBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) if (x[i] > -3 && x[i] < 3) dx[i] += dy[i] / 6;
}
