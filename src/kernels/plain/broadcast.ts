import type { Floats } from '../../memory/memory.js';
import type { BroadcastGeometry } from '../contracts/arithmetic.js';
import { offsetOf } from '../indexing.js';

// The reference's sums, with the index arithmetic once a row: along the last (merged) axis each operand either runs
// (step 1) or stands still (step 0). Operands of one shape are a single row.

export { pow, powBackward } from '../reference/broadcast.js';

export function add(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const { shape, stridesA, stridesB } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const stepA = stridesA[outer];
  const stepB = stridesB[outer];
  const size = y.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, stridesA, outer);
    let j = offsetOf(row, shape, stridesB, outer);
    for (const end = o + inner; o < end; o++, i += stepA, j += stepB) y[o] = a[i] + b[j];
  }
}

export function sub(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const { shape, stridesA, stridesB } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const stepA = stridesA[outer];
  const stepB = stridesB[outer];
  const size = y.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, stridesA, outer);
    let j = offsetOf(row, shape, stridesB, outer);
    for (const end = o + inner; o < end; o++, i += stepA, j += stepB) y[o] = a[i] - b[j];
  }
}

export function mul(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const { shape, stridesA, stridesB } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const stepA = stridesA[outer];
  const stepB = stridesB[outer];
  const size = y.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, stridesA, outer);
    let j = offsetOf(row, shape, stridesB, outer);
    for (const end = o + inner; o < end; o++, i += stepA, j += stepB) y[o] = a[i] * b[j];
  }
}

export function div(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const { shape, stridesA, stridesB } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const stepA = stridesA[outer];
  const stepB = stridesB[outer];
  const size = y.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, stridesA, outer);
    let j = offsetOf(row, shape, stridesB, outer);
    for (const end = o + inner; o < end; o++, i += stepA, j += stepB) y[o] = a[i] / b[j];
  }
}

export function addBackward(dx: Floats, dy: Floats, scale: number, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const shape = g.shape;
  const strides = side === 'a' ? g.stridesA : g.stridesB;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const step = strides[outer];
  const size = dy.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, strides, outer);
    const end = o + inner;
    if (step === 0) {
      let sum = 0;
      for (; o < end; o++) sum += dy[o];
      dx[i] += scale * sum;
    } else {
      for (; o < end; o++, i++) dx[i] += scale * dy[o];
    }
  }
}

export function mulBackward(dx: Floats, dy: Floats, other: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const shape = g.shape;
  const strides = side === 'a' ? g.stridesA : g.stridesB;
  const otherStrides = side === 'a' ? g.stridesB : g.stridesA;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const step = strides[outer];
  const otherStep = otherStrides[outer];
  const size = dy.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, strides, outer);
    let j = offsetOf(row, shape, otherStrides, outer);
    const end = o + inner;
    if (step === 0) {
      let sum = 0;
      for (; o < end; o++, j += otherStep) sum += dy[o] * other[j];
      dx[i] += sum;
    } else {
      for (; o < end; o++, i++, j += otherStep) dx[i] += dy[o] * other[j];
    }
  }
}

export function divBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const { shape, stridesA, stridesB } = g;
  const outer = shape.length - 1;
  const inner = shape[outer];
  const stepA = stridesA[outer];
  const stepB = stridesB[outer];
  const size = dy.length;
  for (let row = 0, o = 0; o < size; row++) {
    let i = offsetOf(row, shape, stridesA, outer);
    let j = offsetOf(row, shape, stridesB, outer);
    const end = o + inner;
    if (side === 'a') {
      if (stepA === 0) {
        let sum = 0;
        for (; o < end; o++, j += stepB) sum += dy[o] / b[j];
        dx[i] += sum;
      } else {
        for (; o < end; o++, i++, j += stepB) dx[i] += dy[o] / b[j];
      }
    } else if (stepB === 0) {
      let sum = 0;
      for (; o < end; o++, i += stepA) sum += dy[o] * a[i];
      const divisor = b[j];
      dx[j] -= sum / (divisor * divisor);
    } else {
      for (; o < end; o++, i += stepA, j++) {
        const divisor = b[j];
        dx[j] -= (dy[o] * a[i]) / (divisor * divisor);
      }
    }
  }
}
