import type { Floats } from '../../memory/memory.js';
import type { StridedGeometry } from '../contracts/movement.js';
import { countOf, offsetOf } from '../indexing.js';

// Two plain loops over the last two axes; only the axes before them cost index arithmetic.

export function stridedCopy(y: Floats, x: Floats, g: StridedGeometry): void {
  const { shape, xStrides, yStrides, xOffset, yOffset } = g;
  const outer = shape.length - 2;
  const rows = shape[outer];
  const columns = shape[outer + 1];
  const xRow = xStrides[outer];
  const yRow = yStrides[outer];
  const xStep = xStrides[outer + 1];
  const yStep = yStrides[outer + 1];
  const planes = countOf(shape, outer);
  for (let plane = 0; plane < planes; plane++) {
    const xPlane = xOffset + offsetOf(plane, shape, xStrides, outer);
    const yPlane = yOffset + offsetOf(plane, shape, yStrides, outer);
    for (let r = 0; r < rows; r++) {
      let i = xPlane + r * xRow;
      let o = yPlane + r * yRow;
      for (let c = 0; c < columns; c++, i += xStep, o += yStep) y[o] = x[i];
    }
  }
}

export function stridedAdd(y: Floats, x: Floats, g: StridedGeometry): void {
  const { shape, xStrides, yStrides, xOffset, yOffset } = g;
  const outer = shape.length - 2;
  const rows = shape[outer];
  const columns = shape[outer + 1];
  const xRow = xStrides[outer];
  const yRow = yStrides[outer];
  const xStep = xStrides[outer + 1];
  const yStep = yStrides[outer + 1];
  const planes = countOf(shape, outer);
  for (let plane = 0; plane < planes; plane++) {
    const xPlane = xOffset + offsetOf(plane, shape, xStrides, outer);
    const yPlane = yOffset + offsetOf(plane, shape, yStrides, outer);
    for (let r = 0; r < rows; r++) {
      let i = xPlane + r * xRow;
      let o = yPlane + r * yRow;
      for (let c = 0; c < columns; c++, i += xStep, o += yStep) y[o] += x[i];
    }
  }
}
