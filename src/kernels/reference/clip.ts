import type { Floats } from '../../memory/memory.js';

/** norm[0] = sqrt(sum of x^2). The squares are doubles, so that 1e30 does not overflow and 1e-30 does not vanish. */
export function l2Norm(norm: Floats, x: Floats): void {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[i] * x[i];
  norm[0] = Math.sqrt(sum);
}

/** y = min(max(x, -limit), limit); a NaN stays one. */
export function clamp(y: Floats, x: Floats, limit: number): void {
  const n = x.length;
  for (let i = 0; i < n; i++) y[i] = Math.min(Math.max(x[i], -limit), limit);
}
