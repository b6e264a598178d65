import type { Floats } from '../../memory/memory.js';
import type { SoftmaxGeometry } from '../contracts/activations.js';

/** y = exp(x - max) / sum of exp(x - max), over the middle axis of [outer, axis, inner]. */
export function softmax(y: Floats, x: Floats, g: SoftmaxGeometry): void {
  const { outer, axis, inner } = g;
  const length = axis * inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length + i;
      const end = first + length;
      // (1) the largest value, which makes every exponent <= 0
      let max = -Infinity;
      for (let at = first; at < end; at += inner) if (x[at] > max) max = x[at];
      // (2) the exponentials and their sum
      let sum = 0;
      for (let at = first; at < end; at += inner) {
        const e = Math.exp(x[at] - max);
        y[at] = e;
        sum += e;
      }
      // (3) normalized
      const scale = 1 / sum;
      for (let at = first; at < end; at += inner) y[at] *= scale;
    }
  }
}

/** dx += y * (dy - sum of dy * y) */
export function softmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void {
  const { outer, axis, inner } = g;
  const length = axis * inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length + i;
      const end = first + length;
      let sum = 0;
      for (let at = first; at < end; at += inner) sum += dy[at] * y[at];
      for (let at = first; at < end; at += inner) dx[at] += y[at] * (dy[at] - sum);
    }
  }
}

/** y = x - max - log(sum of exp(x - max)) */
export function logSoftmax(y: Floats, x: Floats, g: SoftmaxGeometry): void {
  const { outer, axis, inner } = g;
  const length = axis * inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length + i;
      const end = first + length;
      // (1) the largest value
      let max = -Infinity;
      for (let at = first; at < end; at += inner) if (x[at] > max) max = x[at];
      // (2) the sum of the exponentials
      let sum = 0;
      for (let at = first; at < end; at += inner) sum += Math.exp(x[at] - max);
      // (3) normalized
      const logSum = Math.log(sum);
      for (let at = first; at < end; at += inner) y[at] = x[at] - max - logSum;
    }
  }
}

/** dx += dy - exp(y) * sum of dy */
export function logSoftmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void {
  const { outer, axis, inner } = g;
  const length = axis * inner;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const first = o * length + i;
      const end = first + length;
      let sum = 0;
      for (let at = first; at < end; at += inner) sum += dy[at];
      for (let at = first; at < end; at += inner) dx[at] += dy[at] - Math.exp(y[at]) * sum;
    }
  }
}
