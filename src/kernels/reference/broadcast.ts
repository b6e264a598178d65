import type { Floats } from '../../memory/memory.js';
import type { BroadcastGeometry } from '../contracts/arithmetic.js';
import { keptOffset, offsetOf, stretchedOffset } from '../indexing.js';

/** y[i] = a[.] + b[.]: a stretched axis has stride 0, so every index along it finds the same element. */
export function add(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const axes = g.shape.length;
  for (let i = 0; i < y.length; i++) {
    y[i] = a[offsetOf(i, g.shape, g.stridesA, axes)] + b[offsetOf(i, g.shape, g.stridesB, axes)];
  }
}

export function sub(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const axes = g.shape.length;
  for (let i = 0; i < y.length; i++) {
    y[i] = a[offsetOf(i, g.shape, g.stridesA, axes)] - b[offsetOf(i, g.shape, g.stridesB, axes)];
  }
}

export function mul(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const axes = g.shape.length;
  for (let i = 0; i < y.length; i++) {
    y[i] = a[offsetOf(i, g.shape, g.stridesA, axes)] * b[offsetOf(i, g.shape, g.stridesB, axes)];
  }
}

export function div(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const axes = g.shape.length;
  for (let i = 0; i < y.length; i++) {
    y[i] = a[offsetOf(i, g.shape, g.stridesA, axes)] / b[offsetOf(i, g.shape, g.stridesB, axes)];
  }
}

export function pow(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const axes = g.shape.length;
  for (let i = 0; i < y.length; i++) {
    y[i] = a[offsetOf(i, g.shape, g.stridesA, axes)] ** b[offsetOf(i, g.shape, g.stridesB, axes)];
  }
}

/** An operand's element was used `stretch` times, so its gradient is the sum over those places. */
export function addBackward(dx: Floats, dy: Floats, scale: number, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const strides = side === 'a' ? g.stridesA : g.stridesB;
  const stretch = dy.length / dx.length;
  for (let j = 0; j < dx.length; j++) {
    const first = keptOffset(j, g.shape, strides);
    let sum = 0;
    for (let r = 0; r < stretch; r++) sum += dy[first + stretchedOffset(r, g.shape, strides)];
    dx[j] += scale * sum;
  }
}

export function mulBackward(dx: Floats, dy: Floats, other: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const [strides, otherStrides] = side === 'a' ? [g.stridesA, g.stridesB] : [g.stridesB, g.stridesA];
  const axes = g.shape.length;
  const stretch = dy.length / dx.length;
  for (let j = 0; j < dx.length; j++) {
    const first = keptOffset(j, g.shape, strides);
    let sum = 0;
    for (let r = 0; r < stretch; r++) {
      const i = first + stretchedOffset(r, g.shape, strides);
      sum += dy[i] * other[offsetOf(i, g.shape, otherStrides, axes)];
    }
    dx[j] += sum;
  }
}

/** d(a/b)/da = 1 / b, d(a/b)/db = -a / b^2 */
export function divBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const strides = side === 'a' ? g.stridesA : g.stridesB;
  const axes = g.shape.length;
  const stretch = dy.length / dx.length;
  for (let j = 0; j < dx.length; j++) {
    const first = keptOffset(j, g.shape, strides);
    let sum = 0;
    for (let r = 0; r < stretch; r++) {
      const i = first + stretchedOffset(r, g.shape, strides);
      const v = b[offsetOf(i, g.shape, g.stridesB, axes)];
      if (side === 'a') sum += dy[i] / v;
      else sum -= (dy[i] * a[offsetOf(i, g.shape, g.stridesA, axes)]) / (v * v);
    }
    dx[j] += sum;
  }
}

/**
 * d(a^b)/da = b a^(b-1), which is 0 for b = 0 even where a^(b-1) is infinite; d(a^b)/db = a^b log(a), taken as 0 where a
 * is 0.
 */
export function powBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  const strides = side === 'a' ? g.stridesA : g.stridesB;
  const axes = g.shape.length;
  const stretch = dy.length / dx.length;
  for (let j = 0; j < dx.length; j++) {
    const first = keptOffset(j, g.shape, strides);
    let sum = 0;
    for (let r = 0; r < stretch; r++) {
      const i = first + stretchedOffset(r, g.shape, strides);
      const base = a[offsetOf(i, g.shape, g.stridesA, axes)];
      const exponent = b[offsetOf(i, g.shape, g.stridesB, axes)];
      if (side === 'a') sum += exponent === 0 ? 0 : dy[i] * exponent * base ** (exponent - 1);
      else sum += base === 0 ? 0 : dy[i] * base ** exponent * Math.log(base);
    }
    dx[j] += sum;
  }
}
