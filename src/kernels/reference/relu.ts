import type { Floats } from '../../memory/memory.js';

/** y = max(x, 0). NaN stays NaN, so that a broken layer can be found behind it. */
export function relu(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i], 0);
}

/** The gradient passes where the output is positive; at the kink it is 0. */
export function reluBackward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) if (y[i] > 0) dx[i] += dy[i];
}

/** y = min(max(x, 0), 6) */
export function relu6(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i], 0), 6);
}

export function relu6Backward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) if (y[i] > 0 && y[i] < 6) dx[i] += dy[i];
}

/** y = x > 0 ? x : slope * x */
export function leakyRelu(y: Floats, x: Floats, slope: number): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

export function leakyReluBackward(dx: Floats, dy: Floats, x: Floats, slope: number): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += x[i] > 0 ? dy[i] : slope * dy[i];
}
