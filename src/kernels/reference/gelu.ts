import type { Floats } from '../../memory/memory.js';
import { normalCdf, normalDensity } from '../normalDistribution.js';

/** y = x * Phi(x) */
export function gelu(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) y[i] = x[i] * normalCdf(x[i]);
}

/** dx += dy * (Phi(x) + x * density(x)) */
export function geluBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) dx[i] += dy[i] * (normalCdf(x[i]) + x[i] * normalDensity(x[i]));
}
