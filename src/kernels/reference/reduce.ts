import type { Floats } from '../../memory/memory.js';
import type { ReduceGeometry } from '../contracts/arithmetic.js';
import { keptOffset, offsetOf, stretchedOffset } from '../indexing.js';

/** y[o] = scale * the sum of the `count` elements of x behind it. */
export function sum(y: Floats, x: Floats, g: ReduceGeometry): void {
  for (let o = 0; o < y.length; o++) {
    const first = keptOffset(o, g.shape, g.stridesY);
    let total = 0;
    for (let r = 0; r < g.count; r++) total += x[first + stretchedOffset(r, g.shape, g.stridesY)];
    y[o] = g.scale * total;
  }
}

/** Every summand gets the gradient of its sum. */
export function sumBackward(dx: Floats, dy: Floats, g: ReduceGeometry): void {
  for (let i = 0; i < dx.length; i++) dx[i] += g.scale * dy[offsetOf(i, g.shape, g.stridesY, g.shape.length)];
}

export function max(y: Floats, x: Floats, g: ReduceGeometry): void {
  for (let o = 0; o < y.length; o++) {
    const first = keptOffset(o, g.shape, g.stridesY);
    let largest = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < g.count; r++) {
      const value = x[first + stretchedOffset(r, g.shape, g.stridesY)];
      // Also true when `value` is NaN; and nothing is larger than a NaN.
      if (!(value <= largest)) largest = value;
      if (Number.isNaN(value)) break;
    }
    y[o] = largest;
  }
}

/** The elements that share the maximum share its gradient. */
export function maxBackward(dx: Floats, dy: Floats, x: Floats, y: Floats, g: ReduceGeometry): void {
  for (let o = 0; o < y.length; o++) {
    const first = keptOffset(o, g.shape, g.stridesY);
    // (1) how many share it
    let ties = 0;
    for (let r = 0; r < g.count; r++) if (x[first + stretchedOffset(r, g.shape, g.stridesY)] === y[o]) ties++;
    // (2) give each its part
    for (let r = 0; r < g.count; r++) {
      const i = first + stretchedOffset(r, g.shape, g.stridesY);
      if (x[i] === y[o]) dx[i] += dy[o] / ties;
    }
  }
}
