import { withTape } from '../src/tensor/tape.js';
import type { Tensor } from '../src/tensor/tensor.js';

/** The gradients of fn(...xs) under the cotangent dy, as nested arrays. */
export function gradientsOf(fn: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[], dy: Tensor): unknown[] {
  return withTape((tape) => tape.gradient(fn(...xs), xs, { cotangent: dy }).map((dx) => dx.toArray()));
}

/** <a, b>, and <|a|, |b|>: the magnitude that its rounding error is a small part of. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): { product: number; magnitude: number } {
  let product = 0;
  let magnitude = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    magnitude += Math.abs(a[i] * b[i]);
  }
  return { product, magnitude };
}

/** The numbers 0, step, 2 step, ... in a fixed disorder: no ties, and none comes near with a small step. */
export function distinct(length: number, step = 0.1): number[] {
  let stride = Math.floor(length * 0.618) || 1;
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  while (common(stride, length) !== 1) stride++;
  return Array.from({ length }, (_, i) => ((i * stride) % length) * step);
}
