import { FormatError } from '../tensor/errors.js';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/** Numbers that a graph computes with besides images: shapes, positions, bounds. They stay ordinary numbers. */
export class HostArray {
  constructor(
    readonly shape: Shape,
    readonly data: ArrayLike<number>,
    /** Divisions of whole numbers round towards zero. */
    readonly integer: boolean,
  ) {}
}

export type Value = Tensor | HostArray;

/** What a graph of shapes can need at most; more is a damaged file. */
const LARGEST_HOST = 2 ** 22;

/** The size of an array that is about to be made of a shape the file tells. */
export function hostSize(what: string, shape: Shape): number {
  const size = sizeOf(shape);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || size > LARGEST_HOST) {
    throw new FormatError(`importOnnx: ${what} wants an array of shape ${formatShape(shape)}; the file is damaged.`);
  }
  return size;
}

export function toTensor(value: Value): Tensor {
  return value instanceof Tensor ? value : Tensor.from(value.data, value.shape);
}

export function toHost(value: Value): HostArray {
  return value instanceof Tensor ? new HostArray(value.shape, Float32Array.from(value.data), false) : value;
}

export function numbersOf(value: Value): number[] {
  return Array.from(toHost(value).data);
}

export function integers(shape: Shape, data: ArrayLike<number>): HostArray {
  return new HostArray(shape, data, true);
}
