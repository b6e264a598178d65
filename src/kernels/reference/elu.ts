import type { Floats } from '../../memory/memory.js';

/** y = x > 0 ? x : alpha * (exp(x) - 1); expm1, because exp(x) - 1 loses all digits near 0. */
export function elu(y: Floats, x: Floats, alpha: number): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : alpha * Math.expm1(x[i]);
}

export function eluBackward(dx: Floats, dy: Floats, x: Floats, alpha: number): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += x[i] > 0 ? dy[i] : dy[i] * alpha * Math.exp(x[i]);
}
