import type { GraphNode } from '../../../graph/node.js';
import { toByte } from '../../../kernels/reference/int8/requantize.js';
import { scope } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import { runNode } from '../network/runNode.js';
import type { Quantization } from './integerNetwork.js';

/** The byte of f(x) for each byte of x, the byte -128 at index 128: the operation itself computes the 256 numbers. */
export function lookupTable(source: GraphNode, from: Quantization, to: Quantization): Int8Array {
  const numbers = Float32Array.from({ length: 256 }, (_, i) => ((i << 24) >> 24) - from.zero).map(
    (v) => v * from.scale,
  );
  const input = source.inputs[0] as number;
  const results = scope(() => {
    const tensors = new Map([[input, Tensor.from(numbers, [1, 256])]]);
    runNode(source, tensors, () => [1, 256]);
    return Float32Array.from((tensors.get(source.outputs[0] as number) as Tensor).floats);
  });
  return tableOf(results, to);
}

/** Bytes for numbers. */
export function tableOf(numbers: Float32Array, { scale, zero, low }: Quantization): Int8Array {
  return Int8Array.from(numbers, (v) => toByte(Math.fround(v / scale), { zero, low, high: 127 }));
}

/** The table that changes the scale of bytes; null where nothing changes. */
export function rescaleTable(from: Quantization, to: Quantization): Int8Array | null {
  if (from.scale === to.scale && from.zero === to.zero && from.low === to.low) return null;
  const numbers = Float32Array.from({ length: 256 }, (_, i) => (((i << 24) >> 24) - from.zero) * from.scale);
  return tableOf(numbers, to);
}
