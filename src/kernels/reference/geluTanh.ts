import type { Floats } from '../../memory/memory.js';

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** y = 0.5 x (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3) */
export function geluTanh(y: Floats, x: Floats): void {
  const n = y.length;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = 0.5 * v * (1 + Math.tanh(SQRT_2_OVER_PI * (v + CUBIC * v * v * v)));
  }
}

/** dx += dy * 0.5 (1 + tanh(u) + x (1 - tanh(u)^2) du/dx) */
export function geluTanhBackward(dx: Floats, dy: Floats, x: Floats): void {
  const n = dx.length;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const t = Math.tanh(SQRT_2_OVER_PI * (v + CUBIC * v * v * v));
    const slope = SQRT_2_OVER_PI * (1 + 3 * CUBIC * v * v);
    dx[i] += dy[i] * 0.5 * (1 + t + v * (1 - t * t) * slope);
  }
}
