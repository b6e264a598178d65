import { Tensor } from '../tensor/tensor.js';

/** What a forward returned while it was captured, with each tensor replaced by the next of `tensors`. */
export function rebuild(result: unknown, tensors: readonly Tensor[]): unknown {
  let at = 0;
  const replace = (value: unknown): unknown => {
    if (value instanceof Tensor) return tensors[at++];
    if (Array.isArray(value)) return value.map(replace);
    return Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, replace(each)]));
  };
  return replace(result);
}
