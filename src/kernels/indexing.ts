/** How many indices the first `axes` axes of `shape` have. */
export function countOf(shape: Int32Array, axes: number): number {
  let count = 1;
  for (let axis = 0; axis < axes; axis++) count *= shape[axis];
  return count;
}

/**
 * The offset that the row-major `index` over the first `axes` axes of `shape` has in an array of the given strides.
 * With shape [2, 3] and strides [0, 1], a row repeated twice, index 4 is (1, 1) and lies at offset 1.
 */
export function offsetOf(index: number, shape: Int32Array, strides: Int32Array, axes: number): number {
  let offset = 0;
  for (let axis = axes - 1; axis > 0; axis--) {
    const n = shape[axis];
    const rest = (index / n) | 0;
    offset += (index - rest * n) * strides[axis];
    index = rest;
  }
  return axes > 0 ? offset + index * strides[0] : 0;
}

/**
 * Where in the whole array of `shape` the part begins that belongs to element `index` of the smaller array: the axes whose
 * stride is not 0 are counted, the others stay at 0.
 */
export function keptOffset(index: number, shape: Int32Array, strides: Int32Array): number {
  let offset = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis];
    if (strides[axis] !== 0) {
      const rest = (index / n) | 0;
      offset += (index - rest * n) * step;
      index = rest;
    }
    step *= n;
  }
  return offset;
}

/** The counterpart of `keptOffset`: how far behind its beginning number `index` of that part lies. */
export function stretchedOffset(index: number, shape: Int32Array, strides: Int32Array): number {
  let offset = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis];
    if (strides[axis] === 0) {
      const rest = (index / n) | 0;
      offset += (index - rest * n) * step;
      index = rest;
    }
    step *= n;
  }
  return offset;
}
