import type { Floats } from '../../memory/memory.js';

/**
 * The signs of activations are as good as random, so a branch on them is mispredicted every other time: 6 to 7 ns an
 * element, which is a tenth of a small convolution. Here the possible results lie side by side and the comparison is the
 * index of the right one: no branch, under 3 ns, and the same bits as the reference for every input, NaN and infinity too.
 */
const choice = new Float64Array(3);

export function relu(y: Floats, x: Floats): void {
  const n = y.length;
  const c = choice;
  c[1] = 0;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    c[0] = v;
    y[i] = c[Number(v <= 0)];
  }
}

export function reluBackward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  const c = choice;
  c[0] = 0;
  for (let i = 0; i < n; i++) {
    c[1] = dy[i];
    dx[i] += c[Number(y[i] > 0)];
  }
}

export function relu6(y: Floats, x: Floats): void {
  const n = y.length;
  const c = choice;
  c[1] = 0;
  c[2] = 6;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    c[0] = v;
    y[i] = c[Number(v <= 0) + 2 * Number(v >= 6)];
  }
}

export function relu6Backward(dx: Floats, dy: Floats, y: Floats): void {
  const n = dx.length;
  const c = choice;
  c[0] = 0;
  for (let i = 0; i < n; i++) {
    const v = y[i];
    c[1] = dy[i];
    dx[i] += c[Number(v > 0) * Number(v < 6)];
  }
}

export function leakyRelu(y: Floats, x: Floats, slope: number): void {
  const n = y.length;
  const c = choice;
  for (let i = 0; i < n; i++) {
    const v = x[i];
    c[0] = slope * v;
    c[1] = v;
    y[i] = c[Number(v > 0)];
  }
}

export function leakyReluBackward(dx: Floats, dy: Floats, x: Floats, slope: number): void {
  const n = dx.length;
  const c = choice;
  for (let i = 0; i < n; i++) {
    const d = dy[i];
    c[0] = slope * d;
    c[1] = d;
    dx[i] += c[Number(x[i] > 0)];
  }
}
