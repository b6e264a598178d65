import type { Floats } from '../../memory/memory.js';

/** The two possible results side by side, chosen by a computed index: a branch on a sign is mispredicted every other time. */
const choice = new Float64Array(2);

export function addRelu(y: Floats, a: Floats, b: Floats): void {
  const n = y.length;
  const c = choice;
  c[1] = 0;
  for (let i = 0; i < n; i++) {
    const v = a[i] + b[i];
    c[0] = v;
    y[i] = c[Number(v <= 0)];
  }
}

export function addReluBackward(da: Floats | null, db: Floats | null, dy: Floats, y: Floats): void {
  const n = dy.length;
  const c = choice;
  c[0] = 0;
  if (da !== null && da !== dy) {
    for (let i = 0; i < n; i++) {
      c[1] = dy[i];
      da[i] += c[Number(y[i] > 0)];
    }
  }
  if (db !== null && db !== dy) {
    for (let i = 0; i < n; i++) {
      c[1] = dy[i];
      db[i] += c[Number(y[i] > 0)];
    }
  }
  if (da === dy || db === dy) {
    for (let i = 0; i < n; i++) {
      c[1] = dy[i];
      dy[i] = c[Number(y[i] > 0)];
    }
  }
}
