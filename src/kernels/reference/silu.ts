import type { Floats } from '../../memory/memory.js';

/** y = x * sigmoid(x) */
export function silu(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = x[i] / (1 + Math.exp(-x[i]));
}

/** With s = sigmoid(x): dx += dy * s (1 + x (1 - s)) */
export function siluBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) {
    const s = 1 / (1 + Math.exp(-x[i]));
    dx[i] += dy[i] * s * (1 + x[i] * (1 - s));
  }
}

/** y = x * relu6(x + 3) / 6 */
export function hardSwish(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = (x[i] * Math.min(Math.max(x[i] + 3, 0), 6)) / 6;
}

/** 0 below -3, dy above 3, and dy * (x / 3 + 1 / 2) between. */
export function hardSwishBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) {
    if (x[i] > 3) dx[i] += dy[i];
    else if (x[i] >= -3) dx[i] += dy[i] * (x[i] / 3 + 0.5);
  }
}
