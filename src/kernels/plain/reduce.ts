import type { Floats } from '../../memory/memory.js';
import type { ReduceGeometry } from '../contracts/arithmetic.js';
import { keptOffset, offsetOf, stretchedOffset } from '../indexing.js';

// The inner loops run along the innermost reduced axis: `run` elements, `step` apart. Merged axes alternate between kept and
// reduced, so it is the last axis (step 1) or the one before it (step = the length of the last).

export function sum(y: Floats, x: Floats, g: ReduceGeometry): void {
  const { shape, stridesY, count, scale } = g;
  const last = shape.length - 1;
  if (stridesY[last] === 0) {
    const run = shape[last];
    const outputs = y.length;
    for (let o = 0; o < outputs; o++) {
      const first = keptOffset(o, shape, stridesY);
      let total = 0;
      for (let r = 0; r < count; r += run) {
        const begin = first + stretchedOffset(r, shape, stridesY);
        const end = begin + run;
        for (let i = begin; i < end; i++) total += x[i];
      }
      y[o] = scale * total;
    }
  } else {
    sumColumns(y, x, g);
  }
}

/** The last axis is kept: four neighboring sums at a time, so that each row of x is read along its cache lines. */
function sumColumns(y: Floats, x: Floats, g: ReduceGeometry): void {
  const { shape, stridesY, count, scale } = g;
  const last = shape.length - 1;
  const step = shape[last];
  const run = last > 0 ? shape[last - 1] : 1;
  const outputs = y.length;
  for (let o = 0; o < outputs; o += step) {
    const first = keptOffset(o, shape, stridesY);
    let c = 0;
    for (; c + 4 <= step; c += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let r = 0; r < count; r += run) {
        let i = first + stretchedOffset(r, shape, stridesY) + c;
        for (let k = 0; k < run; k++, i += step) {
          s0 += x[i];
          s1 += x[i + 1];
          s2 += x[i + 2];
          s3 += x[i + 3];
        }
      }
      y[o + c] = scale * s0;
      y[o + c + 1] = scale * s1;
      y[o + c + 2] = scale * s2;
      y[o + c + 3] = scale * s3;
    }
    for (; c < step; c++) {
      let total = 0;
      for (let r = 0; r < count; r += run) {
        let i = first + stretchedOffset(r, shape, stridesY) + c;
        for (let k = 0; k < run; k++, i += step) total += x[i];
      }
      y[o + c] = scale * total;
    }
  }
}

export function sumBackward(dx: Floats, dy: Floats, g: ReduceGeometry): void {
  const { shape, stridesY, scale } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const spread = stridesY[outer] === 0;
  const size = dx.length;
  for (let row = 0, i = 0; i < size; row++) {
    let o = offsetOf(row, shape, stridesY, outer);
    const end = i + inner;
    if (spread) {
      const value = scale * dy[o];
      for (; i < end; i++) dx[i] += value;
    } else {
      for (; i < end; i++, o++) dx[i] += scale * dy[o];
    }
  }
}

export function max(y: Floats, x: Floats, g: ReduceGeometry): void {
  const { shape, stridesY, count } = g;
  const last = shape.length - 1;
  const reducedLast = stridesY[last] === 0;
  const step = reducedLast ? 1 : shape[last];
  const run = reducedLast ? shape[last] : last > 0 ? shape[last - 1] : 1;
  const outputs = y.length;
  for (let o = 0; o < outputs; o++) {
    const first = keptOffset(o, shape, stridesY);
    let largest = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < count; r += run) {
      let i = first + stretchedOffset(r, shape, stridesY);
      for (let k = 0; k < run; k++, i += step) {
        const value = x[i];
        // Math.max is NaN when either is.
        largest = Math.max(largest, value);
      }
    }
    y[o] = largest;
  }
}

export function maxBackward(dx: Floats, dy: Floats, x: Floats, y: Floats, g: ReduceGeometry): void {
  const { shape, stridesY, count } = g;
  const last = shape.length - 1;
  const reducedLast = stridesY[last] === 0;
  const step = reducedLast ? 1 : shape[last];
  const run = reducedLast ? shape[last] : last > 0 ? shape[last - 1] : 1;
  const outputs = y.length;
  for (let o = 0; o < outputs; o++) {
    const first = keptOffset(o, shape, stridesY);
    const largest = y[o];
    // (1) how many share it
    let ties = 0;
    for (let r = 0; r < count; r += run) {
      let i = first + stretchedOffset(r, shape, stridesY);
      for (let k = 0; k < run; k++, i += step) if (x[i] === largest) ties++;
    }
    // (2) give each its part
    const part = dy[o] / ties;
    for (let r = 0; r < count; r += run) {
      let i = first + stretchedOffset(r, shape, stridesY);
      for (let k = 0; k < run; k++, i += step) if (x[i] === largest) dx[i] += part;
    }
  }
}
