import type { Floats } from '../../memory/memory.js';

export function exp(y: Floats, x: Floats): void {
  const size = y.length;
  for (let i = 0; i < size; i++) y[i] = Math.exp(x[i]);
}

export function expBackward(dx: Floats, dy: Floats, y: Floats): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += dy[i] * y[i];
}

export function log(y: Floats, x: Floats): void {
  const size = y.length;
  for (let i = 0; i < size; i++) y[i] = Math.log(x[i]);
}

export function logBackward(dx: Floats, dy: Floats, x: Floats): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += dy[i] / x[i];
}

export function sqrt(y: Floats, x: Floats): void {
  const size = y.length;
  for (let i = 0; i < size; i++) y[i] = Math.sqrt(x[i]);
}

export function sqrtBackward(dx: Floats, dy: Floats, y: Floats): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += dy[i] / (2 * y[i]);
}

export function abs(y: Floats, x: Floats): void {
  const size = y.length;
  for (let i = 0; i < size; i++) y[i] = Math.abs(x[i]);
}

export function absBackward(dx: Floats, dy: Floats, x: Floats): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += dy[i] * Math.sign(x[i]);
}

export function scale(y: Floats, x: Floats, factor: number): void {
  const size = y.length;
  for (let i = 0; i < size; i++) y[i] = factor * x[i];
}

export function scaleBackward(dx: Floats, dy: Floats, factor: number): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += factor * dy[i];
}

export function accumulate(dx: Floats, dy: Floats): void {
  const size = dx.length;
  for (let i = 0; i < size; i++) dx[i] += dy[i];
}
