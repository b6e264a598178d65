import type { Shape } from '../base/shape.js';
import { Tensor } from '../tensor/tensor.js';

/** Numbers that a graph computes with besides images: shapes, positions, bounds. They stay ordinary numbers. */
export class HostArray {
  constructor(
    readonly shape: Shape,
    readonly data: ArrayLike<number>,
    /** Divisions of whole numbers round towards zero. */
    readonly integer: boolean,
    /** The element type in the file, where the numbers are as they stood there: quantizing asks for it. */
    readonly dataType?: number,
  ) {}
}

export type Value = Tensor | HostArray;

/** Tensors whose numbers are whole by their type in the file, so that their quotients are too. */
const wholeTensors = new WeakSet<Tensor>();

export function markWhole(tensor: Tensor): Tensor {
  wholeTensors.add(tensor);
  return tensor;
}

export function isWhole(value: Value): boolean {
  return value instanceof Tensor ? wholeTensors.has(value) : value.integer;
}

export function toTensor(value: Value): Tensor {
  return value instanceof Tensor ? value : Tensor.from(value.data, value.shape);
}

/** The numbers of a value; of a tensor, as they are now. */
export function toHost(value: Value): HostArray {
  return value instanceof Tensor ? new HostArray(value.shape, Float32Array.from(value.data), isWhole(value)) : value;
}

export function numbersOf(value: Value): number[] {
  return Array.from(toHost(value).data);
}

export function integers(shape: Shape, data: ArrayLike<number>): HostArray {
  return new HostArray(shape, data, true);
}
