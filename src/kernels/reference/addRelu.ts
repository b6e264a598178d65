import type { Floats } from '../../memory/memory.js';

/** y = max(a + b, 0) */
export function addRelu(y: Floats, a: Floats, b: Floats): void {
  for (let i = 0; i < y.length; i++) y[i] = Math.max(a[i] + b[i], 0);
}

/** The gradient passes to both where the output is positive. A gradient that stands in the place of dy replaces it. */
export function addReluBackward(da: Floats | null, db: Floats | null, dy: Floats, y: Floats): void {
  for (let i = 0; i < dy.length; i++) {
    const d = y[i] > 0 ? dy[i] : 0;
    if (da !== null) da[i] = (da === dy ? 0 : da[i]) + d;
    if (db !== null) db[i] = (db === dy ? 0 : db[i]) + d;
  }
}
