import ndarray from 'ndarray';

/** A view of flat data by strides, as the package `ndarray` and others make them: element (i, j) is data[offset + i * stride[0] + j * stride[1]]. */
export interface StridedArray {
  readonly data: ArrayLike<number> | { get(i: number): number; readonly length: number };
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** The element types of the views that this library makes. */
export type NdArrayData = Uint8Array | Uint8ClampedArray | Float32Array;

/**
 * What the package `ndarray` makes. Spelt out, so that programs need not install its types; where they are installed, the two
 * are assignable to each other.
 */
export interface NdArray<D extends NdArrayData> {
  data: D;
  shape: number[];
  stride: number[];
  offset: number;
  dtype: D extends Float32Array ? 'float32' : D extends Uint8Array ? 'uint8' : 'uint8_clamped';
  size: number;
  order: number[];
  dimension: number;
  get(...index: number[]): number;
  set(...indexAndValue: number[]): number;
  index(...index: number[]): number;
  lo(...from: number[]): NdArray<D>;
  hi(...size: number[]): NdArray<D>;
  step(...steps: number[]): NdArray<D>;
  transpose(...axes: number[]): NdArray<D>;
  pick(...index: (number | null)[]): NdArray<D>;
  T: NdArray<D>;
}

/** A view of `data` in row-major order. (The package compiles its classes with `new Function`, which a strict CSP forbids.) */
export function viewAs<D extends NdArrayData>(data: D, shape: readonly number[]): NdArray<D> {
  return ndarray(data, [...shape]) as unknown as NdArray<D>;
}
