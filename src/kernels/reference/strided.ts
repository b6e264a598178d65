import type { Floats } from '../../memory/memory.js';
import type { StridedGeometry } from '../contracts/movement.js';
import { countOf, offsetOf } from '../indexing.js';

export function stridedCopy(y: Floats, x: Floats, g: StridedGeometry): void {
  const axes = g.shape.length;
  const size = countOf(g.shape, axes);
  for (let i = 0; i < size; i++) {
    y[g.yOffset + offsetOf(i, g.shape, g.yStrides, axes)] = x[g.xOffset + offsetOf(i, g.shape, g.xStrides, axes)];
  }
}

export function stridedAdd(y: Floats, x: Floats, g: StridedGeometry): void {
  const axes = g.shape.length;
  const size = countOf(g.shape, axes);
  for (let i = 0; i < size; i++) {
    y[g.yOffset + offsetOf(i, g.shape, g.yStrides, axes)] += x[g.xOffset + offsetOf(i, g.shape, g.xStrides, axes)];
  }
}
