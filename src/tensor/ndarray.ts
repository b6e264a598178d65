import ndarray from 'ndarray';

/** A view of flat data by strides, as the package `ndarray` and others make them: element (i, j) is data[offset + i * stride[0] + j * stride[1]]. */
export interface StridedArray {
  /** The flat values. */
  readonly data: ArrayLike<number> | { get(i: number): number; readonly length: number };
  /** The sizes of the axes. */
  readonly shape: readonly number[];
  /** The distance in `data` between neighbors along each axis. */
  readonly stride: readonly number[];
  /** The index in `data` of the first element. */
  readonly offset: number;
}

/** The element types of the views that this library makes. */
export type NdArrayData = Uint8Array | Uint8ClampedArray | Float32Array;

/**
 * What the package `ndarray` makes. Spelt out, so that programs need not install its types; where they are installed, the two
 * are assignable to each other.
 */
export interface NdArray<D extends NdArrayData> {
  /** The flat values. */
  data: D;
  /** The sizes of the axes. */
  shape: number[];
  /** The distance in `data` between neighbors along each axis. */
  stride: number[];
  /** The index in `data` of the first element. */
  offset: number;
  /** The element type. */
  dtype: D extends Float32Array ? 'float32' : D extends Uint8Array ? 'uint8' : 'uint8_clamped';
  /** How many elements the view has. */
  size: number;
  /** The axes from the smallest stride to the largest. */
  order: number[];
  /** How many axes there are. */
  dimension: number;
  /** The element at these indices. */
  get(...index: number[]): number;
  /** Sets the element at these indices to the last argument. */
  set(...indexAndValue: number[]): number;
  /** The position in `data` of the element at these indices. */
  index(...index: number[]): number;
  /** The view without the elements before these indices. */
  lo(...from: number[]): NdArray<D>;
  /** The view of the first elements along each axis. */
  hi(...size: number[]): NdArray<D>;
  /** The view of every n-th element along each axis; negative steps reverse it. */
  step(...steps: number[]): NdArray<D>;
  /** The view with its axes in this order. */
  transpose(...axes: number[]): NdArray<D>;
  /** The view at fixed indices; null keeps an axis. */
  pick(...index: (number | null)[]): NdArray<D>;
  /** The view with its axes reversed. */
  T: NdArray<D>;
}

/** A view of `data` in row-major order. (The package compiles its classes with `new Function`, which a strict CSP forbids.) */
export function viewAs<D extends NdArrayData>(data: D, shape: readonly number[]): NdArray<D> {
  return ndarray(data, [...shape]) as unknown as NdArray<D>;
}
